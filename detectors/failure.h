// One failed sign-in as a session keeps it.
#ifndef SIGNINWATCH_DETECTORS_FAILURE_H_
#define SIGNINWATCH_DETECTORS_FAILURE_H_

#include <cstdint>
#include <string>
#include <type_traits>

#include "detectors/failure_profiles.h"
#include "detectors/text_pool.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/ip_address.h"
#include "parser/message_parser.h"
#include "parser/signal.h"
#include "parser/table_hash.h"

namespace signinwatch {

// A user as text: a lower-cased object id or, by_name, a lower-cased user principal name.
struct UserText {
  TextId text = 0;  // 0: no user
  bool by_name = false;

  friend bool operator==(const UserText&, const UserText&) = default;
  friend TableKey KeyOfTable(const UserText& user) { return {user.text, 0, user.by_name}; }
};

// The id of a sign-in record: a GUID in binary, other text in the pool, or none.
struct EventId {
  uint64_t hi = 0;
  uint64_t lo = 0;
  TextId text = 0;  // 0: a GUID, or none when hi and lo are zero too

  [[nodiscard]] bool present() const { return text != 0 || hi != 0 || lo != 0; }
  [[nodiscard]] std::string ToText(const TextPool& pool) const {
    return text != 0 ? std::string(pool.Get(text)) : present() ? FormatGuid(hi, lo) : std::string();
  }
  [[nodiscard]] ShownId ToShown(const TextPool& pool) const {
    return text != 0 ? ShownId(std::string(ShownText(pool.Get(text)))) : ShownId(Hash128{hi, lo});
  }
  // By the ids' texts, none being the least (SPEC 7).
  [[nodiscard]] static int Compare(const EventId& a, const EventId& b, const TextPool& pool) {
    if (a.text == 0 && b.text == 0) {
      // Lower-case hex digits stand in the order of their values, so bytes compare as text does.
      if (a.hi != b.hi) return a.hi < b.hi ? -1 : 1;
      return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
    }
    return a.ToText(pool).compare(b.ToText(pool));
  }
};

// 88 bytes of plain data.
struct Failure {
  EventTime time;
  EventId id;
  uint64_t address_hi = 0;
  uint64_t address_lo = 0;
  UserText user;
  TextId user_principal_name = 0;  // as written, as all below
  TextId app_id = 0;
  TextId app_name = 0;
  TextId device = 0;
  TextId country = 0;
  TextId session = 0;
  ProfileId profile = 0;    // what it has in common with others
  uint16_t code_index = 0;  // into the detectors' list of watched codes
  bool has_address : 1 = false;
  bool guest : 1 = false;       // as Signal::guest
  bool adfs : 1 = false;        // of ADFSSignInLogs
  bool risky : 1 = false;       // sign-in risk medium or high
  bool summarized : 1 = false;  // its session's, see Session::Summarize; not saved

  [[nodiscard]] IpAddress address() const { return {address_hi, address_lo, has_address}; }
};
static_assert(std::is_trivially_copyable_v<Failure> && sizeof(Failure) == 88);

// `like`: a failure that probably has the same texts, or an empty one.
[[nodiscard]] Failure MakeFailure(const Signal& signal, const ParsedMessage& message,
                                  uint16_t code_index, const Failure& like, TextPool* pool,
                                  FailureProfiles* profiles);

// For saving (row_archive.h).
template <typename A>
void Fields(A& a, EventId& id) {
  a(id.hi, id.lo);
  a.Text(id.text);
}
template <typename A>
void Fields(A& a, UserText& user) {
  a.Text(user.text);
  a(user.by_name);
}
template <typename A>
void Fields(A& a, Failure& f) {
  uint8_t flags = uint8_t(f.has_address | f.guest << 1 | f.adfs << 2 | f.risky << 3);
  a(f.time, f.id, f.address_hi, f.address_lo, f.user, f.code_index, flags);
  if constexpr (A::kReading) {
    f.has_address = flags & 1;
    f.guest = flags >> 1 & 1;
    f.adfs = flags >> 2 & 1;
    f.risky = flags >> 3 & 1;
  }
  for (TextId* text :
       {&f.user_principal_name, &f.app_id, &f.app_name, &f.device, &f.country, &f.session}) {
    a.Text(*text);
  }
  a.Profile(f.profile);
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_FAILURE_H_
