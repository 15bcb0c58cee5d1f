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
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/failure.h"
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
    std::vector<TextId> names_borne;  // every user principal name of the user's failures
  };

  // At most `distinct_max` values in each list; further ones are counted in evicted().
  explicit BurstSummary(size_t distinct_max = SIZE_MAX) : distinct_max_(distinct_max) {}

  void Add(const Failure& failure, bool unfamiliar, const TextPool& pool);

  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] bool any_unfamiliar() const { return unfamiliar_count_ > 0; }
  [[nodiscard]] const absl::flat_hash_map<UserText, UserSpan, TableHash>& users() const {
    return users_;
  }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

  // Fills the ticket's codes, lists, evidence, counts and user_principal_name, but for its users.
  void WriteTo(const TextPool& pool, const std::vector<int64_t>& codes, bool unfamiliar_first,
               Ticket* ticket) const;
  // Fills the list of a tenant ticket's users; `cause_of` says why each of those shown fails.
  template <typename CauseOf>
  void WriteUsers(const TextPool& pool, CauseOf cause_of, Ticket* ticket) const {
    const std::vector<UserText> shown = ListUsers(pool, ticket);
    for (size_t i = 0; i < shown.size(); ++i) ticket->users.shown[i].cause = cause_of(shown[i]);
  }

  void MarkTexts(TextPool& pool) const;
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
  struct Evidence {
    EventTime time;
    EventId id;
  };

  template <typename Map, typename Key>
  typename Map::mapped_type* Slot(Map& map, const Key& key);
  void AddApp(const Failure& failure, const TextPool& pool);
  void AddUser(const Failure& failure, const TextPool& pool);
  // Whom the list shows, in its order.
  std::vector<UserText> ListUsers(const TextPool& pool, Ticket* ticket) const;
  void WriteLists(const TextPool& pool, Ticket* ticket) const;
  void WriteEvidence(const TextPool& pool, bool unfamiliar_first, Ticket* ticket) const;
  static void AddEvidence(const Failure& failure, const TextPool& pool,
                          std::vector<Evidence>* list);

  size_t distinct_max_;
  uint64_t count_ = 0;
  uint64_t unfamiliar_count_ = 0;
  uint64_t evicted_ = 0;
  // The first failure: its time, id and user principal name.
  EventTime first_ = kEndOfTime;
  EventId first_id_;
  TextId first_name_ = 0;
  std::map<uint16_t, uint64_t> codes_;  // by code index
  absl::flat_hash_map<AppKey, App, TableHash> apps_;
  absl::flat_hash_map<AddressKey, uint64_t, TableHash> addresses_;
  absl::flat_hash_map<TextId, uint64_t, TableHash> countries_;
  absl::flat_hash_map<TextId, uint64_t, TableHash> devices_;
  absl::flat_hash_map<UserText, UserSpan, TableHash> users_;
  std::vector<Evidence> familiar_;    // the kEvidence earliest, sorted
  std::vector<Evidence> unfamiliar_;  // likewise
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_BURST_SUMMARY_H_
