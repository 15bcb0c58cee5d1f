#include "detectors/state_row.h"

#include <cstddef>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

template <typename... T>
std::string MakeKey(RowKind kind, T... parts) {
  RowWriter key(nullptr);
  key(parts...);
  return static_cast<char>(kind) + key.Take();
}

template <typename... T>
bool ReadKey(std::string_view key, T*... parts) {
  if (key.empty()) return false;
  RowReader reader(key.substr(1), nullptr);
  reader(*parts...);
  return reader.done();
}

uint32_t CheckOf(std::string_view key, std::string_view value) {
  return static_cast<uint32_t>(HashText64(value) ^ HashText64(key) * 0x9e3779b97f4a7c15u);
}

}  // namespace

std::string RowKey(RowKind kind, TenantId tenant, UserId user) {
  return MakeKey(kind, tenant, user);
}
std::string RowKey(RowKind kind, uint64_t number) { return MakeKey(kind, number); }
std::string RowKey(RowKind kind, Hash128 hash) { return MakeKey(kind, hash); }

bool ReadRowKey(std::string_view key, TenantId* tenant, UserId* user) {
  return ReadKey(key, tenant, user);
}
bool ReadRowKey(std::string_view key, uint64_t* number) { return ReadKey(key, number); }
bool ReadRowKey(std::string_view key, Hash128* hash) { return ReadKey(key, hash); }

StateRow CheckedRow(std::string key, std::string value) {
  uint32_t check = CheckOf(key, value);
  for (size_t i = 0; i < sizeof(check); ++i, check >>= 8) value.push_back(static_cast<char>(check));
  return {std::move(key), std::move(value)};
}

std::optional<std::string_view> CheckedValue(const StateRow& row) {
  uint32_t check = 0;
  if (row.value.size() < sizeof(check)) return std::nullopt;
  const std::string_view value =
      std::string_view(row.value).substr(0, row.value.size() - sizeof(check));
  for (size_t i = 0; i < sizeof(check); ++i) {
    check |= uint32_t{static_cast<uint8_t>(row.value[value.size() + i])} << 8 * i;
  }
  if (check != CheckOf(row.key, value)) return std::nullopt;
  return value;
}

StateRow TimeRow(RowKind kind, Hash128 hash, EventTime time) {
  RowWriter writer(nullptr);
  writer(time);
  return CheckedRow(RowKey(kind, hash), writer.Take());
}

bool ReadTimeRow(std::string_view key, std::string_view value, Hash128* hash, EventTime* time) {
  RowReader reader(value, nullptr);
  reader(*time);
  return ReadRowKey(key, hash) && reader.done();
}

}  // namespace signinwatch
