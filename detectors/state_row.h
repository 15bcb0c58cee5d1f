// A row of saved state: its key, and the check that guards it.
//
// The first byte of a key is its kind. Tenants are named by their id, for their numbers are of one
// run. A row's value ends in a check of its key and value, so that damage in whatever place is
// refused and what is loaded needs no second look.
#ifndef SIGNINWATCH_DETECTORS_STATE_ROW_H_
#define SIGNINWATCH_DETECTORS_STATE_ROW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

// Rows are independent of each other's order. An empty value deletes the row.
struct StateRow {
  std::string key;
  std::string value;
};

enum class RowKind : char {
  kMeta = 'm',         // the watermark and counts: one row
  kTenant = 't',       // a tenant and its tracks
  kUser = 'u',         // a user with everything of them
  kCredentials = 'c',  // a user's credential events
  kTicket = 'k',
  kRisks = 'r',      // a user's risk events
  kAudits = 'a',     // other audit records of a user or a tenant
  kMfaMethod = 'f',  // a method's name
  kDuplicate = 'd',  // an id of the duplicates' index
  kTicketId = 'i',   // the id of a ticket
};

// Of the row that says how the others are laid out.
inline constexpr std::string_view kStateHead = "m";
[[nodiscard]] std::string RowKey(RowKind kind, TenantId tenant, UserId user);
[[nodiscard]] std::string RowKey(RowKind kind, uint64_t number);
[[nodiscard]] std::string RowKey(RowKind kind, Hash128 hash);

// What the key names, its kind aside. False: it is damaged.
[[nodiscard]] bool ReadRowKey(std::string_view key, TenantId* tenant, UserId* user);
[[nodiscard]] bool ReadRowKey(std::string_view key, uint64_t* number);
[[nodiscard]] bool ReadRowKey(std::string_view key, Hash128* hash);

// The row with its check.
[[nodiscard]] StateRow CheckedRow(std::string key, std::string value);
// The row's value without its check, which refers to the row; nullopt: damaged.
[[nodiscard]] std::optional<std::string_view> CheckedValue(const StateRow& row);

// A row that says a time of a hash.
[[nodiscard]] StateRow TimeRow(RowKind kind, Hash128 hash, EventTime time);
// Of a key and a checked value. False: damaged.
[[nodiscard]] bool ReadTimeRow(std::string_view key, std::string_view value, Hash128* hash,
                               EventTime* time);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_STATE_ROW_H_
