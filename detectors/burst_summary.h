// What a ticket tells of the failures of one burst: the counted lists, users, codes and evidence.
//
// Built by adding the burst's failures in any order; the result is a function of their set.
#ifndef SIGNINWATCH_DETECTORS_BURST_SUMMARY_H_
#define SIGNINWATCH_DETECTORS_BURST_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "detectors/config.h"
#include "detectors/failure.h"
#include "detectors/failure_profiles.h"
#include "detectors/small_map.h"
#include "detectors/text_pool.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"
#include "parser/table_hash.h"

namespace signinwatch {

class BurstSummary {
 public:
  static constexpr size_t kEvidence = 20;

  struct UserSpan {
    uint64_t count = 0;
    EventTime first = kEndOfTime;
    EventTime last = kBeginningOfTime;
    EventId first_id;
    TextId name = 0;                  // as written in the user's first failure
    bool guest = false;               // of the user's first failure; where several tie, of all
    bool risky = false;               // any failure of sign-in risk medium or high
    std::vector<TextId> names_borne;  // every user principal name of the user's failures
  };

  // At most `distinct_max` values in each list; further ones are counted in evicted(). Sessions and
  // their places are told of users only.
  explicit BurstSummary(size_t distinct_max = SIZE_MAX, GroupBy scope = GroupBy::kUser)
      : distinct_max_(distinct_max), scope_(scope) {}

  void Add(const Failure& failure, bool unfamiliar, const TextPool& pool);

  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] bool any_unfamiliar() const { return unfamiliar_count_ > 0; }
  using Users = SmallMap<UserText, UserSpan, 1>;
  [[nodiscard]] const Users& users() const { return users_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

  // The two write what failures tell of a ticket, but not its users: first what decides whether a
  // revision is sent (counts, sign-in risk, sessions elsewhere), then codes, lists, evidence,
  // timeline, user_principal_name and the rest of the context.
  void WriteDeciding(const TextPool& pool, const FailureProfiles& profiles, Ticket* ticket) const;
  void WriteRest(const TextPool& pool, const FailureProfiles& profiles,
                 const std::vector<int64_t>& codes, Ticket* ticket) const;
  // Steps that a look at the summary costs, beyond one a failure (ticket_desk.h).
  [[nodiscard]] size_t values() const { return addresses_.size() + devices_.size(); }
  // Fills the list of a tenant ticket's users; `cause_of` says why each of those shown fails.
  template <typename CauseOf>
  void WriteUsers(const TextPool& pool, CauseOf cause_of, Ticket* ticket) const {
    const std::vector<UserText> shown = ListUsers(pool, ticket);
    for (size_t i = 0; i < shown.size(); ++i) ticket->users.shown[i].cause = cause_of(shown[i]);
  }

  void MarkTexts(TextPool& pool, FailureProfiles& profiles) const;
  // As RenameCodes and NoteCodes of session.h.
  void RenameCodes(const std::vector<uint16_t>& renamed);
  void NoteCodes(std::vector<bool>* used) const;
  [[nodiscard]] size_t bytes() const;
  template <typename A>
  void Archive(A& a);  // see row_archive.h

 private:
  struct App {
    uint64_t count = 0;
    EventTime first = kEndOfTime;
    EventTime last = kBeginningOfTime;
    EventId first_id;
    TextId name = 0;
  };
  struct AppKey {
    TextId text = 0;  // the appId, or without one the name
    bool by_name = false;
    friend bool operator==(const AppKey&, const AppKey&) = default;
    friend TableKey KeyOfTable(const AppKey& key) { return {key.text, 0, key.by_name}; }
  };
  struct AddressKey {
    uint64_t hi = 0;
    uint64_t lo = 0;
    friend bool operator==(const AddressKey&, const AddressKey&) = default;
    friend TableKey KeyOfTable(const AddressKey& key) { return {key.hi, key.lo, 0}; }
  };
  // From where failures of a session came.
  struct PlaceKey {
    TextId session = 0;
    TextId country = 0;
    uint64_t network = 0;  // IpAddress::FamiliarNetwork
    friend bool operator==(const PlaceKey&, const PlaceKey&) = default;
    friend TableKey KeyOfTable(const PlaceKey& key) {
      return {key.network, uint64_t{key.session} << 32 | key.country, 0};
    }
  };
  struct Place {
    uint64_t count = 0;
    EventTime first = kEndOfTime;
  };
  struct Evidence {
    EventTime time;
    EventId id;
  };
  // By time, then by id.
  struct EarlierIn {
    const TextPool& pool;
    bool operator()(const Evidence& a, const Evidence& b) const {
      return a.time != b.time ? a.time < b.time : EventId::Compare(a.id, b.id, pool) < 0;
    }
  };

  // nullptr: there is no room.
  template <typename Map>
  typename Map::mapped_type* Slot(Map& map, const typename Map::key_type& key);
  void AddMinute(EventTime time);
  void AddApp(const Failure& failure, const TextPool& pool);
  void AddUser(const Failure& failure, const TextPool& pool);
  void AddSession(const Failure& failure);
  // Takes it into account for what is told of the first failure.
  void NoteFirst(const Failure& failure, const TextPool& pool);
  // Whom the list shows, in its order.
  std::vector<UserText> ListUsers(const TextPool& pool, Ticket* ticket) const;
  void WriteLists(const TextPool& pool, Ticket* ticket) const;
  void WriteProfiles(const TextPool& pool, const FailureProfiles& profiles,
                     TicketContext* context) const;
  void WriteSessions(const TextPool& pool, TicketContext* context) const;
  // homeTenantId of the first failure; of several that tie the least, none being the least.
  [[nodiscard]] std::string HomeTenant(const TextPool& pool, const FailureProfiles& profiles) const;
  void WriteTimeline(Timeline* timeline) const;
  void WriteEvidence(const TextPool& pool, Ticket* ticket) const;
  static void AddEvidence(const Failure& failure, const TextPool& pool,
                          std::vector<Evidence>* list);

  size_t distinct_max_;
  GroupBy scope_;
  uint64_t count_ = 0;
  uint64_t unfamiliar_count_ = 0;
  uint64_t evicted_ = 0;
  // The first failure: its time, id and user principal name; the profiles of all that tie.
  EventTime first_ = kEndOfTime;
  EventId first_id_;
  TextId first_name_ = 0;
  std::vector<ProfileId> first_profiles_;
  std::map<uint16_t, uint64_t> codes_;  // by code index
  SmallMap<AppKey, App, 3> apps_;
  SmallMap<AddressKey, uint64_t, 4> addresses_;
  SmallMap<TextId, uint64_t, 4> countries_;
  SmallMap<TextId, uint64_t, 4> devices_;
  Users users_;
  SmallMap<ProfileId, uint64_t, 4> profiles_;
  SmallMap<TextId, std::monostate, 4> sessions_;
  SmallMap<PlaceKey, Place, 2> places_;
  std::vector<std::pair<int64_t, uint64_t>> minutes_;  // since 1970, sorted
  std::vector<Evidence> familiar_;                     // the kEvidence earliest, sorted
  std::vector<Evidence> unfamiliar_;                   // likewise
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_BURST_SUMMARY_H_
