"""TFRecord files of tf.train.Example, read and written without TensorFlow.

File: per record its length (8 bytes, little endian), a checksum of the length, the data, a checksum of the
data (tensorflow/core/lib/io/record_writer.h). Example: the protocol buffer of tensorflow/core/example/
feature.proto, a map from names to lists of bytes, of floats or of integers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

from kilpi.errors import LabelError
from kilpi.labels.crc import masked

Values = Sequence[bytes] | Sequence[float] | Sequence[int]
BYTES, FLOATS, INTEGERS = 1, 2, 3  # field numbers of the three lists in Feature
LENGTH_DELIMITED, FIXED32, VARINT, FIXED64 = 2, 5, 0, 1  # protobuf wire types


def is_tfrecord(data: bytes) -> bool:
    """True where the file begins with a length and its right checksum."""
    return len(data) >= 12 and masked(data[:8]) == data[8:12]


def read_records(data: bytes, name: str) -> Iterator[bytes]:
    """The records of a file. Raises LabelError naming the record where one is damaged or cut off."""
    offset, count = 0, 0
    while offset < len(data):
        count += 1
        where = f"{name}, record {count}"
        if masked(data[offset : offset + 8]) != data[offset + 8 : offset + 12]:
            raise LabelError(f"{where}: the checksum of its length is wrong; the file is damaged")
        (length,) = struct.unpack("<Q", data[offset : offset + 8])
        start, end = offset + 12, offset + 12 + length
        if end + 4 > len(data):
            raise LabelError(f"{where}: the file breaks off; copy it again")
        record = data[start:end]
        if masked(record) != data[end : end + 4]:
            raise LabelError(f"{where}: its checksum is wrong; the file is damaged")
        yield record
        offset = end + 4


def write_records(records: Sequence[bytes]) -> bytes:
    """A whole file."""
    parts = []
    for record in records:
        length = struct.pack("<Q", len(record))
        parts += [length, masked(length), record, masked(record)]
    return b"".join(parts)


def read_example(record: bytes, where: str) -> dict[str, Values]:
    """Feature name -> its values. Raises LabelError where the record is no tf.train.Example."""
    try:
        features = {}
        for outer in chunks(record, 1):  # Example.features
            for entry in chunks(outer, 1):  # Features.feature, a map entry
                key = b"".join(chunks(entry, 1)).decode("utf-8")
                features[key] = read_feature(b"".join(chunks(entry, 2)))
        return features
    except (ValueError, IndexError, struct.error):
        raise LabelError(f"{where}: is no tf.train.Example") from None


def read_feature(feature: bytes) -> Values:
    """One Feature: the list that it holds, empty where it holds none."""
    for number, _, value in fields(feature):
        if not isinstance(value, bytes):
            raise ValueError("a list is length-delimited")
        if number == BYTES:
            return list(chunks(value, 1))
        if number == FLOATS:
            packed = b"".join(part for _, _, part in fields(value) if isinstance(part, bytes))
            return list(struct.unpack(f"<{len(packed) // 4}f", packed))
        if number == INTEGERS:
            return read_integers(value)
    return []


def read_integers(value: bytes) -> list[int]:
    """An Int64List, packed or not."""
    found: list[int] = []
    for _, _, part in fields(value):
        if isinstance(part, int):
            found.append(part)
            continue
        offset = 0
        while offset < len(part):
            number, offset = varint(part, offset)
            found.append(number)
    return [n - (1 << 64) if n >> 63 else n for n in found]


def chunks(data: bytes, wanted: int) -> Iterator[bytes]:
    """The length-delimited fields of that number."""
    for number, kind, value in fields(data):
        if number == wanted and kind == LENGTH_DELIMITED and isinstance(value, bytes):
            yield value


def fields(data: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """(number, wire type, value) of each field. Fixed ones come as bytes. ValueError where it breaks."""
    offset = 0
    while offset < len(data):
        key, offset = varint(data, offset)
        kind = key & 7
        if kind == VARINT:
            value, offset = varint(data, offset)
            yield key >> 3, kind, value
            continue
        if kind == LENGTH_DELIMITED:
            size, offset = varint(data, offset)
        elif kind in {FIXED32, FIXED64}:
            size = 4 if kind == FIXED32 else 8
        else:
            raise ValueError("a wire type that does not exist")
        if offset + size > len(data):
            raise ValueError("breaks off")
        yield key >> 3, kind, data[offset : offset + size]
        offset += size


def varint(data: bytes, offset: int) -> tuple[int, int]:
    """A variable-length integer -> (its value, the offset behind it)."""
    value = 0
    for i in range(10):
        byte = data[offset + i]
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, offset + i + 1
    raise ValueError("an integer of more than 64 bits")


def write_example(features: Mapping[str, Values]) -> bytes:
    """A tf.train.Example; the type of a list is that of its first value, names in sorted order."""
    entries = []
    for key in sorted(features):
        feature = write_feature(features[key])
        entries.append(delimited(1, delimited(1, key.encode()) + delimited(2, feature)))
    return delimited(1, b"".join(entries))


def write_feature(values: Values) -> bytes:
    """One Feature; an empty list says nothing of its type."""
    first = values[0] if values else None
    if isinstance(first, bytes):
        return delimited(BYTES, b"".join(delimited(1, v) for v in values if isinstance(v, bytes)))
    if isinstance(first, float):
        return delimited(FLOATS, delimited(1, struct.pack(f"<{len(values)}f", *values)))
    if isinstance(first, int):
        packed = b"".join(to_varint(int(v)) for v in values)
        return delimited(INTEGERS, delimited(1, packed))
    return b""


def delimited(number: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return to_varint(number << 3 | LENGTH_DELIMITED) + to_varint(len(data)) + data


def to_varint(value: int) -> bytes:
    """An integer of 64 bits, negative ones as two's complement."""
    value &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
