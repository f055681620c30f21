"""What Amazon documents for the runtime cloudfront-js-2.0.

Source: "JavaScript runtime 2.0 features for CloudFront Functions" and "Helper methods for key
value stores", CloudFront Developer Guide. Documented, but left out on purpose:
Math.random, seeded with the time of day; globalThis, through which anything could be reached.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULES = {
    "cloudfront": words("kvs"),
    "crypto": words("createHash createHmac"),
    "querystring": words("decode encode escape parse stringify unescape"),
}

_TYPED_ARRAYS = words(
    "Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray"
    " Uint16Array Uint32Array"
)
_ERRORS = words(
    "Error EvalError InternalError RangeError ReferenceError SyntaxError TypeError URIError"
)

GLOBAL_MEMBERS: dict[str, frozenset[str]] = {
    "Array": words("isArray of"),
    "ArrayBuffer": words("isView"),
    "Buffer": words("alloc allocUnsafe byteLength compare concat from isBuffer isEncoding"),
    "Date": words("UTC now parse"),
    "JSON": words("parse stringify"),
    "Math": words(
        "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos acosh asin asinh atan atan2 atanh"
        " cbrt ceil clz32 cos cosh exp expm1 floor fround hypot imul log log1p log2 log10 max"
        " min pow round sign sin sinh sqrt tan tanh trunc"
    ),
    "Number": words(
        "EPSILON MAX_SAFE_INTEGER MAX_VALUE MIN_SAFE_INTEGER MIN_VALUE NaN NEGATIVE_INFINITY"
        " POSITIVE_INFINITY isFinite isInteger isNaN isSafeInteger parseFloat parseInt"
    ),
    "Object": words(
        "assign create defineProperties defineProperty entries freeze getOwnPropertyDescriptor"
        " getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf is isExtensible isFrozen"
        " isSealed keys preventExtensions seal setPrototypeOf values"
    ),
    "Promise": words("all allSettled any race reject resolve"),
    "String": words("fromCharCode fromCodePoint"),
    "Symbol": words("for keyFor"),
    "console": words("log"),
    **dict.fromkeys(_TYPED_ARRAYS, words("from of")),
}

CONSTRUCTORS = (
    _TYPED_ARRAYS
    | _ERRORS
    | words("Array ArrayBuffer DataView Date Object Promise RegExp TextDecoder TextEncoder")
)

GLOBALS = (
    CONSTRUCTORS
    | frozenset(GLOBAL_MEMBERS)
    | words(
        "Boolean Infinity NaN arguments atob btoa decodeURI decodeURIComponent encodeURI"
        " encodeURIComponent isFinite isNaN parseFloat parseInt undefined"
    )
)

_STRING = words(
    "charAt codePointAt concat endsWith includes indexOf lastIndexOf match padEnd padStart"
    " repeat replace replaceAll search slice split startsWith substr substring toLowerCase"
    " toUpperCase trim trimEnd trimStart"
)
_ARRAY = words(
    "concat copyWithin every fill filter find findIndex forEach includes indexOf join"
    " lastIndexOf map pop push reduce reduceRight reverse set shift slice some sort splice"
    " subarray unshift"
)
_DATE = frozenset(
    f"{verb}{zone}{unit}"
    for verb in ("get", "set")
    for zone in ("", "UTC")
    for unit in ("Date", "FullYear", "Hours", "Milliseconds", "Minutes", "Month", "Seconds")
) | words(
    "getDay getTime getTimezoneOffset getUTCDay setTime toDateString toISOString toJSON"
    " toLocaleDateString toLocaleString toLocaleTimeString toTimeString toUTCString"
)
_OBJECT = words(
    "apply bind call exec hasOwnProperty isPrototypeOf propertyIsEnumerable test"
    " toExponential toFixed toPrecision toString valueOf"
)
_BYTES = words(
    "compare copy decode encode encodeInto equals swap16 swap32 swap64 write"
    " getFloat32 getFloat64 getInt16 getInt32 getInt8 getUint16 getUint32 getUint8"
    " setFloat32 setFloat64 setInt16 setInt32 setInt8 setUint16 setUint32 setUint8"
) | frozenset(
    f"{verb}{kind}"
    for verb in ("read", "write")
    for kind in words(
        "Int8 UInt8 Int16BE Int16LE UInt16BE UInt16LE Int32BE Int32LE UInt32BE UInt32LE"
        " IntBE IntLE UIntBE UIntLE DoubleBE DoubleLE FloatBE FloatLE"
    )
)
_PROMISE = words("catch finally then")
_MODULE_OBJECTS = words("digest exists get meta update")

METHODS = _STRING | _ARRAY | _DATE | _OBJECT | _BYTES | _PROMISE | _MODULE_OBJECTS

DIGESTS = words("md5 sha1 sha256")
ENCODINGS = words("utf8 hex base64 base64url")
REGEX_FLAGS = frozenset("gimy")
