// Buffer's methods that read and write numbers.
//
// Bytes are read one by one, which compiled JavaScript does faster than a call
// of C++ or a DataView for each Buffer; what lies outside of it reads as
// undefined, and only then is the offset looked at.

import { invalidArgType, outOfRange } from "../web/errors.js";
import { throwBadOffset, validateByteLength } from "./buffer_bounds.js";

// The bytes of floating-point numbers: the machine is little-endian.
const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);

/** Throws unless `size` bytes at `offset` lie in the Buffer. */
function checkRange(buffer, offset, size) {
  if (typeof offset !== "number" || buffer[offset] === undefined || buffer[offset + size - 1] === undefined) {
    throwBadOffset(offset, buffer.length - size);
  }
}

// Unsigned integers up to 32 bits ---------------------------------------------------------------

function readUInt8(offset = 0) {
  checkRange(this, offset, 1);
  return this[offset];
}

function readUInt16LE(offset = 0) {
  checkRange(this, offset, 2);
  return this[offset] | (this[offset + 1] << 8);
}

function readUInt16BE(offset = 0) {
  checkRange(this, offset, 2);
  return (this[offset] << 8) | this[offset + 1];
}

function readUInt32LE(offset = 0) {
  checkRange(this, offset, 4);
  return (this[offset] | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (this[offset + 3] << 24)) >>> 0;
}

function readUInt32BE(offset = 0) {
  checkRange(this, offset, 4);
  return ((this[offset] << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | this[offset + 3]) >>> 0;
}

// Signed integers up to 32 bits -----------------------------------------------------------------

function readInt8(offset = 0) {
  checkRange(this, offset, 1);
  return (this[offset] << 24) >> 24;
}

function readInt16LE(offset = 0) {
  checkRange(this, offset, 2);
  return ((this[offset] << 16) | (this[offset + 1] << 24)) >> 16;
}

function readInt16BE(offset = 0) {
  checkRange(this, offset, 2);
  return ((this[offset] << 24) | (this[offset + 1] << 16)) >> 16;
}

function readInt32LE(offset = 0) {
  checkRange(this, offset, 4);
  return this[offset] | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (this[offset + 3] << 24);
}

function readInt32BE(offset = 0) {
  checkRange(this, offset, 4);
  return (this[offset] << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | this[offset + 3];
}

// Integers of 1 to 6 bytes, which are exact as numbers ------------------------------------------

function readUIntLE(offset, byteLength) {
  if (offset === undefined) throw invalidArgType("offset", "of type number", offset);
  validateByteLength(byteLength);
  checkRange(this, offset, byteLength);
  let value = 0;
  for (let i = byteLength - 1; i >= 0; i--) value = value * 0x100 + this[offset + i];
  return value;
}

function readUIntBE(offset, byteLength) {
  if (offset === undefined) throw invalidArgType("offset", "of type number", offset);
  validateByteLength(byteLength);
  checkRange(this, offset, byteLength);
  let value = 0;
  for (let i = 0; i < byteLength; i++) value = value * 0x100 + this[offset + i];
  return value;
}

function readIntLE(offset, byteLength) {
  return toSigned(readUIntLE.call(this, offset, byteLength), byteLength);
}

function readIntBE(offset, byteLength) {
  return toSigned(readUIntBE.call(this, offset, byteLength), byteLength);
}

function toSigned(value, byteLength) {
  return value >= 2 ** (8 * byteLength - 1) ? value - 2 ** (8 * byteLength) : value;
}

// 64 bits ---------------------------------------------------------------------------------------

function readBigUInt64LE(offset = 0) {
  checkRange(this, offset, 8);
  return (BigInt(readUInt32LE.call(this, offset + 4)) << 32n) | BigInt(readUInt32LE.call(this, offset));
}

function readBigUInt64BE(offset = 0) {
  checkRange(this, offset, 8);
  return (BigInt(readUInt32BE.call(this, offset)) << 32n) | BigInt(readUInt32BE.call(this, offset + 4));
}

function readBigInt64LE(offset = 0) {
  checkRange(this, offset, 8);
  return (BigInt(readInt32LE.call(this, offset + 4)) << 32n) | BigInt(readUInt32LE.call(this, offset));
}

function readBigInt64BE(offset = 0) {
  checkRange(this, offset, 8);
  return (BigInt(readInt32BE.call(this, offset)) << 32n) | BigInt(readUInt32BE.call(this, offset + 4));
}

// Floating-point numbers ------------------------------------------------------------------------

function readFloatLE(offset = 0) {
  checkRange(this, offset, 4);
  for (let i = 0; i < 4; i++) float32Bytes[i] = this[offset + i];
  return float32[0];
}

function readFloatBE(offset = 0) {
  checkRange(this, offset, 4);
  for (let i = 0; i < 4; i++) float32Bytes[3 - i] = this[offset + i];
  return float32[0];
}

function readDoubleLE(offset = 0) {
  checkRange(this, offset, 8);
  for (let i = 0; i < 8; i++) float64Bytes[i] = this[offset + i];
  return float64[0];
}

function readDoubleBE(offset = 0) {
  checkRange(this, offset, 8);
  for (let i = 0; i < 8; i++) float64Bytes[7 - i] = this[offset + i];
  return float64[0];
}

// Writing ---------------------------------------------------------------------------------------

/**
 * Throws if the value does not fit. NaN does, as 0: it is in no range, but out of none either.
 * @param {number | bigint} min
 * @param {number | bigint} max
 * @param {number} size in bytes
 */
function checkValue(value, min, max, size) {
  if (!(value > max || value < min)) return;
  const n = typeof min === "bigint" ? "n" : "";
  let range = `>= ${min}${n} and <= ${max}${n}`;
  // Larger ones read better as powers of 2.
  if (size > 4) {
    const bits = 8 * size;
    range =
      min === 0 || min === 0n
        ? `>= 0${n} and < 2${n} ** ${bits}${n}`
        : `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}`;
  }
  throw outOfRange("value", range, value);
}

function putLE(buffer, value, offset, size, min, max) {
  value = +value;
  checkValue(value, min, max, size);
  checkRange(buffer, offset, size);
  value = Math.trunc(value); // Else each byte would be rounded by itself.
  for (let i = 0; i < size; i++) {
    buffer[offset + i] = value;
    value = Math.floor(value / 0x100);
  }
  return offset + size;
}

function putBE(buffer, value, offset, size, min, max) {
  value = +value;
  checkValue(value, min, max, size);
  checkRange(buffer, offset, size);
  value = Math.trunc(value); // Else each byte would be rounded by itself.
  for (let i = size - 1; i >= 0; i--) {
    buffer[offset + i] = value;
    value = Math.floor(value / 0x100);
  }
  return offset + size;
}

function put16LE(buffer, value, offset, min, max) {
  value = +value;
  checkValue(value, min, max, 2);
  checkRange(buffer, offset, 2);
  buffer[offset] = value;
  buffer[offset + 1] = value >>> 8;
  return offset + 2;
}

function put16BE(buffer, value, offset, min, max) {
  value = +value;
  checkValue(value, min, max, 2);
  checkRange(buffer, offset, 2);
  buffer[offset] = value >>> 8;
  buffer[offset + 1] = value;
  return offset + 2;
}

function put32LE(buffer, value, offset, min, max) {
  value = +value;
  checkValue(value, min, max, 4);
  checkRange(buffer, offset, 4);
  buffer[offset] = value;
  buffer[offset + 1] = value >>> 8;
  buffer[offset + 2] = value >>> 16;
  buffer[offset + 3] = value >>> 24;
  return offset + 4;
}

function put32BE(buffer, value, offset, min, max) {
  value = +value;
  checkValue(value, min, max, 4);
  checkRange(buffer, offset, 4);
  buffer[offset] = value >>> 24;
  buffer[offset + 1] = value >>> 16;
  buffer[offset + 2] = value >>> 8;
  buffer[offset + 3] = value;
  return offset + 4;
}

function putByte(buffer, value, offset, min, max) {
  value = +value;
  // The offset's type comes first here.
  if (typeof offset !== "number") throw invalidArgType("offset", "of type number", offset);
  checkValue(value, min, max, 1);
  checkRange(buffer, offset, 1);
  buffer[offset] = value;
  return offset + 1;
}

function writeUInt8(value, offset = 0) {
  return putByte(this, value, offset, 0, 0xff);
}

function writeInt8(value, offset = 0) {
  return putByte(this, value, offset, -0x80, 0x7f);
}

function writeUInt16LE(value, offset = 0) {
  return put16LE(this, value, offset, 0, 0xffff);
}

function writeUInt16BE(value, offset = 0) {
  return put16BE(this, value, offset, 0, 0xffff);
}

function writeInt16LE(value, offset = 0) {
  return put16LE(this, value, offset, -0x8000, 0x7fff);
}

function writeInt16BE(value, offset = 0) {
  return put16BE(this, value, offset, -0x8000, 0x7fff);
}

function writeUInt32LE(value, offset = 0) {
  return put32LE(this, value, offset, 0, 0xffffffff);
}

function writeUInt32BE(value, offset = 0) {
  return put32BE(this, value, offset, 0, 0xffffffff);
}

function writeInt32LE(value, offset = 0) {
  return put32LE(this, value, offset, -0x80000000, 0x7fffffff);
}

function writeInt32BE(value, offset = 0) {
  return put32BE(this, value, offset, -0x80000000, 0x7fffffff);
}

function writeUIntLE(value, offset, byteLength) {
  validateByteLength(byteLength);
  return putLE(this, value, offset, byteLength, 0, 2 ** (8 * byteLength) - 1);
}

function writeUIntBE(value, offset, byteLength) {
  validateByteLength(byteLength);
  return putBE(this, value, offset, byteLength, 0, 2 ** (8 * byteLength) - 1);
}

function writeIntLE(value, offset, byteLength) {
  validateByteLength(byteLength);
  const half = 2 ** (8 * byteLength - 1);
  return putLE(this, value, offset, byteLength, -half, half - 1);
}

function writeIntBE(value, offset, byteLength) {
  validateByteLength(byteLength);
  const half = 2 ** (8 * byteLength - 1);
  return putBE(this, value, offset, byteLength, -half, half - 1);
}

function put64LE(buffer, value, offset, min, max) {
  checkValue(value, min, max, 8);
  checkRange(buffer, offset, 8);
  put32LE(buffer, Number(value & 0xffffffffn), offset, 0, 0xffffffff);
  put32LE(buffer, Number((value >> 32n) & 0xffffffffn), offset + 4, 0, 0xffffffff);
  return offset + 8;
}

function put64BE(buffer, value, offset, min, max) {
  checkValue(value, min, max, 8);
  checkRange(buffer, offset, 8);
  put32BE(buffer, Number((value >> 32n) & 0xffffffffn), offset, 0, 0xffffffff);
  put32BE(buffer, Number(value & 0xffffffffn), offset + 4, 0, 0xffffffff);
  return offset + 8;
}

function writeBigUInt64LE(value, offset = 0) {
  return put64LE(this, value, offset, 0n, 0xffffffffffffffffn);
}

function writeBigUInt64BE(value, offset = 0) {
  return put64BE(this, value, offset, 0n, 0xffffffffffffffffn);
}

function writeBigInt64LE(value, offset = 0) {
  return put64LE(this, value, offset, -0x8000000000000000n, 0x7fffffffffffffffn);
}

function writeBigInt64BE(value, offset = 0) {
  return put64BE(this, value, offset, -0x8000000000000000n, 0x7fffffffffffffffn);
}

function writeFloatLE(value, offset = 0) {
  checkRange(this, offset, 4);
  float32[0] = value;
  for (let i = 0; i < 4; i++) this[offset + i] = float32Bytes[i];
  return offset + 4;
}

function writeFloatBE(value, offset = 0) {
  checkRange(this, offset, 4);
  float32[0] = value;
  for (let i = 0; i < 4; i++) this[offset + i] = float32Bytes[3 - i];
  return offset + 4;
}

function writeDoubleLE(value, offset = 0) {
  checkRange(this, offset, 8);
  float64[0] = value;
  for (let i = 0; i < 8; i++) this[offset + i] = float64Bytes[i];
  return offset + 8;
}

function writeDoubleBE(value, offset = 0) {
  checkRange(this, offset, 8);
  float64[0] = value;
  for (let i = 0; i < 8; i++) this[offset + i] = float64Bytes[7 - i];
  return offset + 8;
}

const methods = {
  readBigInt64BE,
  readBigInt64LE,
  readBigUInt64BE,
  readBigUInt64LE,
  readDoubleBE,
  readDoubleLE,
  readFloatBE,
  readFloatLE,
  readInt16BE,
  readInt16LE,
  readInt32BE,
  readInt32LE,
  readInt8,
  readIntBE,
  readIntLE,
  readUInt16BE,
  readUInt16LE,
  readUInt32BE,
  readUInt32LE,
  readUInt8,
  readUIntBE,
  readUIntLE,
  writeBigInt64BE,
  writeBigInt64LE,
  writeBigUInt64BE,
  writeBigUInt64LE,
  writeDoubleBE,
  writeDoubleLE,
  writeFloatBE,
  writeFloatLE,
  writeInt16BE,
  writeInt16LE,
  writeInt32BE,
  writeInt32LE,
  writeInt8,
  writeIntBE,
  writeIntLE,
  writeUInt16BE,
  writeUInt16LE,
  writeUInt32BE,
  writeUInt32LE,
  writeUInt8,
  writeUIntBE,
  writeUIntLE,
};

/** By name; each with UInt in its name has another one with Uint. */
export const numberMethods = { ...methods };
for (const [name, method] of Object.entries(methods)) {
  numberMethods[name.replace("UInt", "Uint")] = method;
}
