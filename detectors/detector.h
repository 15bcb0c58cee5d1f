// Detection: a fold over accepted records in the order of their arrival.
//
//   Detector detector(config);
//   for each record:  detector.Apply(signal, parsed, moment);
//                     detector.AdvanceTo(watermark, moment);    // any number of records apart
//                     for (Ticket& t : detector.TakeRevisions()) ...
//   at end of input:  detector.Finish(moment);
//
// Pure: no clock, no I/O, no threads, no metrics. The same calls give the same results. What the
// contract promises (SPEC 4, "same answer as batch") holds of the final tickets for any order of
// the Apply calls in which no record is late.
//
// `moment` is the processing clock: wall time in the daemon, event time in replay (the greatest
// event time seen or the watermark, whichever is later). It never decides what is a burst or why;
// it is only what tickets are stamped with and paced by (at most one revision a minute).
//
// Not thread-safe. An Apply costs O(1) amortised beside the sizes bounded in DetectionLimits.
#ifndef SIGNINWATCH_DETECTORS_DETECTOR_H_
#define SIGNINWATCH_DETECTORS_DETECTOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/config.h"
#include "detectors/near_miss.h"
#include "detectors/rule_book.h"
#include "detectors/state_row.h"
#include "detectors/ticket.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

// What became of one record.
struct Outcome {
  bool duplicate = false;
  bool late = false;
  bool late_dropped = false;
  Duration late_by{};  // watermark less event time, when late
};

// Containers with a bound, each with the policy that applies when it is reached.
enum class Eviction : uint8_t {
  kTenants,           // the tenant first seen of those without users and bursts is forgotten
  kUsers,             // a user without failures is forgotten, of the tenant that has most
  kFailingUsers,      // of the tenant that has most, the failures of the user that failed first,
                      // and has no burst, are forgotten
  kDedupIds,          // the ids nearest to their expiry are forgotten early
  kLiveEvents,        // of the tenant that has most, a session's events are folded before the
                      // watermark has passed them
  kFamiliarSources,   // the source seen longest ago is forgotten
  kCredentialEvents,  // the oldest change of the user, or of the tenant that has most, is forgotten
  kTexts,             // further texts are shown as absent
  kTickets,           // the ticket resolved longest ago can't be revised any more, the id given
                      // for the earliest burst is not known to be taken any more
  kDistinctValues,    // further values of a list count in nothing but the event count
  kRiskEvents,        // the oldest risk event of the user, or of the tenant that has most, is
                      // forgotten
  kAuditEvents,       // the same of changes of security info and policies
  kMfaMethods,        // further methods of MFA are not seen
  kFailureProfiles,   // of further failures nothing is known but who, where and when
};
inline constexpr int kEvictionCount = 14;
[[nodiscard]] const char* EvictionName(Eviction eviction);

struct DetectorCounters {
  uint64_t duplicates = 0;
  uint64_t late = 0;
  uint64_t late_dropped = 0;
  uint64_t bursts_opened = 0;
  uint64_t credential_events[kChangeKindCount] = {};
  uint64_t evictions[kEvictionCount] = {};
  // Audit operations whose name contains `password` and which the table lacks, by normalised name.
  std::map<std::string, uint64_t> unknown_password_operations;
};

struct DetectorSizes {
  size_t tenants = 0;
  size_t users = 0;
  size_t failing_users = 0;  // with watched failures not long ago
  size_t dedup_ids = 0;
  size_t live_events = 0;
  size_t open_tickets = 0;
  size_t tickets = 0;
  size_t bytes = 0;  // estimate of all state
};

inline constexpr uint32_t kStateVersion = 4;
// Takes one row; false: no more are wanted.
using StateVisitor = std::function<bool(const StateRow&)>;

class Detector {
 public:
  explicit Detector(const DetectionConfig& config);
  ~Detector();
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  // Applies one accepted record; `message` holds the signal's text.
  Outcome Apply(const Signal& signal, const ParsedMessage& message, EventTime moment);

  // A hint that costs little and changes nothing: brings what Apply(signal) will touch nearer to
  // the processor. Call it for each record, so many ahead.
  static constexpr size_t kPrefetchDistance = 8;
  void Prefetch(const Signal& signal);

  // The stream's watermark; one that is lower than before is ignored. Closes what is due.
  void AdvanceTo(EventTime watermark, EventTime moment);

  // The end of input: everything closes, as if the watermark went on for ever.
  void Finish(EventTime moment);

  // The revisions to send since the last call, in order.
  [[nodiscard]] std::vector<Ticket> TakeRevisions();
  // Sessions that closed since the last call and were nearly bursts, in the order of their closing.
  [[nodiscard]] std::vector<NearMiss> TakeNearMisses();

  // The current state of every ticket that is still held, for looking at.
  void ForEachTicket(const std::function<void(const Ticket&)>& visit) const;

  [[nodiscard]] EventTime watermark() const;
  [[nodiscard]] const DetectorCounters& counters() const;
  [[nodiscard]] DetectorSizes sizes() const;

  // Saving: `emit` gets every row (Save) or those that changed since the last save of either kind
  // (SaveChanges). Loading the rows into a new Detector with the same rules gives one that ends
  // with the same tickets; between, a revision may come up to a minute sooner or later.
  void Save(const std::function<void(StateRow)>& emit);
  void SaveChanges(const std::function<void(StateRow)>& emit);
  // Once, before anything else. The rules may be others than those that the rows were saved with
  // (rule_book.h); the next SaveChanges then has all that is laid out otherwise. `rows` hands
  // over each row once, the one with the key kStateHead first. false: the rows are damaged, of
  // another version, or more than kRetiredRulesMax rules that are gone have bursts that are held;
  // the detector must then not be used.
  // `now`: the wall clock. A saved watermark beyond it, of a machine whose clock was wrong, would
  // make everything late: it is set back to `now` less allowed_lateness.
  [[nodiscard]] bool Load(const std::function<void(const StateVisitor&)>& rows,
                          EventTime now = kEndOfTime);
  // How far the saved watermark was beyond `now`; zero: it was not.
  [[nodiscard]] Duration set_back_from() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_DETECTOR_H_
