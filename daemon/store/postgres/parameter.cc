#include "daemon/store/postgres/parameter.h"

#include <algorithm>
#include <utility>

#include "parser/utf8.h"

namespace signinwatch::store::postgres {
namespace {

// pg_type.dat: fixed for ever.
constexpr uint32_t kInt8Oid = 20, kTextOid = 25, kByteaOid = 17;
constexpr uint32_t kInt8ArrayOid = 1016, kTextArrayOid = 1009, kByteaArrayOid = 1001;
constexpr size_t kArrayHeadBytes = 20;

template <typename Number>
void AppendBigEndian(Number number, std::string* out) {
  for (int shift = 8 * (static_cast<int>(sizeof(number)) - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(number) >> shift));
  }
}

uint32_t OidOf(Type type) {
  switch (type) {
    case Type::kInteger:
      return kInt8Oid;
    case Type::kText:
      return kTextOid;
    case Type::kBytes:
      return kByteaOid;
  }
  return 0;
}

uint32_t ArrayOidOf(Type type) {
  switch (type) {
    case Type::kInteger:
      return kInt8ArrayOid;
    case Type::kText:
      return kTextArrayOid;
    case Type::kBytes:
      return kByteaArrayOid;
  }
  return 0;
}

std::string Clean(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  if (std::all_of(text.begin(), text.end(), [](char c) { return c > 0; })) {
    clean.assign(text);
    return clean;
  }
  for (size_t begin = 0;; ++begin) {
    const size_t end = std::min(text.find('\0', begin), text.size());
    AppendValidUtf8(text.substr(begin, end - begin), &clean);
    if (end == text.size()) return clean;
    AppendCodePoint(kReplacementCharacter, &clean);
    begin = end;
  }
}

}  // namespace

Parameter Integer(int64_t value) {
  Parameter parameter{.oid = kInt8Oid, .bytes = {}};
  AppendBigEndian(value, &parameter.bytes);
  return parameter;
}

Parameter Time(EventTime time) { return Integer(time.time_since_epoch().count()); }

Parameter Text(std::string_view text) { return {.oid = kTextOid, .bytes = Clean(text)}; }

Parameter Bytes(std::string_view bytes) { return {.oid = kByteaOid, .bytes = std::string(bytes)}; }

ArrayParameter::ArrayParameter(Type type) : type_(type), bytes_(kArrayHeadBytes, '\0') {}

void ArrayParameter::Add(int64_t value) {
  AppendBigEndian(int32_t{8}, &bytes_);
  AppendBigEndian(value, &bytes_);
  ++size_;
}

void ArrayParameter::Add(std::string_view text_or_bytes) {
  const std::string clean = type_ == Type::kText ? Clean(text_or_bytes) : std::string();
  if (type_ == Type::kText) text_or_bytes = clean;
  AppendBigEndian(static_cast<int32_t>(text_or_bytes.size()), &bytes_);
  bytes_.append(text_or_bytes);
  ++size_;
}

// Dimensions, whether there are NULLs, the type of the elements; of the dimension its size and the
// index of its first element. An empty array has no dimension.
Parameter ArrayParameter::Take() && {
  std::string head;
  AppendBigEndian(int32_t{size_ > 0 ? 1 : 0}, &head);
  AppendBigEndian(int32_t{0}, &head);
  AppendBigEndian(OidOf(type_), &head);
  if (size_ > 0) {
    AppendBigEndian(static_cast<int32_t>(size_), &head);
    AppendBigEndian(int32_t{1}, &head);
  }
  bytes_.replace(0, kArrayHeadBytes, head);
  return {.oid = ArrayOidOf(type_), .bytes = std::move(bytes_)};
}

int64_t IntegerOf(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(value);
}

}  // namespace signinwatch::store::postgres
