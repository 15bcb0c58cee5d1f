// The detector's parts put together. Private to detectors/; detector.h is the interface.
//
// Each part owns its table, what always holds of it, its part of the rows and its test. Here is
// what several do together.
//   detector.cc           Apply: sign-ins.
//   detector_audit.cc     Apply: audit records.
//   detector_evidence.cc  Apply: risk events, and audit records that change no password.
//   detector_room.cc      making room at the bounds.
//   detector_time.cc      AdvanceTo and Finish: timers, the watermark, sweeping.
//   detector_rows.cc      saving and loading.
//   detector_prefetch.cc  Prefetch.
#ifndef SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_
#define SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/audit_log.h"
#include "detectors/burst_tickets.h"
#include "detectors/change_journal.h"
#include "detectors/config.h"
#include "detectors/credential_log.h"
#include "detectors/dedup_index.h"
#include "detectors/detector.h"
#include "detectors/evidence.h"
#include "detectors/explainer.h"
#include "detectors/failure_profiles.h"
#include "detectors/keys.h"
#include "detectors/mfa_methods.h"
#include "detectors/near_miss.h"
#include "detectors/risk_log.h"
#include "detectors/rule_book.h"
#include "detectors/tenant_table.h"
#include "detectors/text_pool.h"
#include "detectors/ticket_facts.h"
#include "detectors/track_table.h"
#include "detectors/user_table.h"

namespace signinwatch {

class Detector::Impl {
 public:
  explicit Impl(const DetectionConfig& config);

  Outcome Apply(const Signal& signal, const ParsedMessage& message, EventTime moment);
  void Prefetch(const Signal& signal);
  void AdvanceTo(EventTime watermark, EventTime moment);
  void Finish(EventTime moment);
  std::vector<Ticket> TakeRevisions() { return tickets_.TakeRevisions(); }
  std::vector<NearMiss> TakeNearMisses() { return near_misses_.Take(); }
  void ForEachTicket(const std::function<void(const Ticket&)>& visit) const;

  EventTime watermark() const { return watermark_; }
  const DetectorCounters& counters();
  DetectorSizes sizes() const;

  using Emit = std::function<void(StateRow)>;
  void Save(const Emit& emit);
  void SaveChanges(const Emit& emit);
  bool Load(const std::function<void(const StateVisitor&)>& rows, EventTime now);
  Duration set_back_from() const { return set_back_from_; }

 private:
  using Now = BurstTickets::Now;
  [[nodiscard]] Now At(EventTime moment) const { return {watermark_, moment}; }

  // ---- detector.cc
  // False: the record changes nothing.
  bool ApplySignIn(const Signal& signal, const ParsedMessage& message, EventTime moment,
                   Outcome* outcome);
  void ApplySuccess(const Hashed<UserKey>& hashed, const Signal& signal,
                    const ParsedMessage& message, EventTime moment);
  void ApplyFailure(const Hashed<UserKey>& hashed, const Signal& signal, const CodeClass& code,
                    EventTime moment);
  // False: the failure came too late for any session.
  bool AddToRule(uint16_t rule, const Hashed<UserKey>& key, const Failure& failure,
                 EventTime moment);
  [[nodiscard]] bool IsDuplicate(const Signal& signal, Duration horizon);
  void NoteLate(const Signal& signal, Outcome* outcome);
  // The tables' entries, made where there are none and the bounds have room.
  TenantIndex TenantOf(const TenantId& id, std::string_view text);
  UserState& User(const Hashed<UserKey>& key);
  UserDetail& Detail(const UserKey& key, UserState& state);
  void ReleaseIdleTenants();

  // ---- detector_audit.cc
  void ApplyAudit(const Signal& signal, const ParsedMessage& message, EventTime moment,
                  Outcome* outcome);
  void AddCredentialEvent(const Signal& signal, const ParsedMessage& message,
                          const OperationTable::Meaning& meaning, EventTime moment, bool late);

  // ---- detector_evidence.cc
  void ApplyAuditEvent(const Signal& signal, const ParsedMessage& message, AuditSubject subject,
                       EventTime moment);
  void ApplyRisk(const Signal& signal, const ParsedMessage& message, EventTime moment);

  // ---- detector_room.cc; see Eviction for the policies. False: there was nothing to let go of.
  // What the state consists of, apart from texts.
  enum class Part : uint8_t { kUsers, kSessions, kIds, kCredentials, kTickets };
  static constexpr size_t kParts = 5;
  [[nodiscard]] static size_t TextShare(size_t state_bytes);
  [[nodiscard]] std::array<size_t, kParts> PartBytes() const;  // estimates; O(1)
  [[nodiscard]] size_t StateBytes() const;
  void MakeRoom(EventTime moment);
  bool EvictFrom(Part part, EventTime moment);
  bool EvictUsers();
  void ForgetUser(const UserKey& user);
  // Of kCredentials, kRisks or kAudits; and of the one of them that takes most.
  bool EvictFromLog(RowKind log);
  bool EvictFromLargestLog();
  // Forgets all that is known of the user's failures; false, and nothing is done, if there is a
  // burst.
  bool DropFailures(const UserKey& key);
  // Of the tenant that holds most; `any_tenant`: where that gives none, of the next.
  bool EvictFailingUser(bool any_tenant);
  void EvictTenant();
  // Makes room for one more failure of the user. False: it can not be taken.
  [[nodiscard]] bool RoomForFailure(const UserKey& key);
  bool EvictLiveEvents();
  [[nodiscard]] TrackTable::Unfamiliar UnfamiliarTo(const UserKey& key) const;

  // ---- detector_prefetch.cc
  // A sign-in that Prefetch was called for, and Apply will be.
  struct Coming {
    Hashed<UserKey> user;
    bool counts = false;  // its code is watched: it will touch the user's and tenant's tracks
  };

  // ---- detector_time.cc
  [[nodiscard]] EventTime NextTimer() const;
  void FireTimers(EventTime watermark, EventTime moment);
  void FireTrack(const TrackRef& ref, EventTime moment);
  // Forgets old events of the next user of the log whose timer is due.
  template <typename Log>
  void PruneLog(RowKind kind, Log* log, Duration span);
  // Events of the user's row are gone, or the row is.
  template <typename Log>
  void NoteLost(RowKind kind, const Log& log, const UserKey& user);
  [[nodiscard]] int64_t FirstMfaDay() const;  // UTC, since 1970
  void NoteNearMiss(const TrackRef& ref, const Session& session);
  void SettleWaiting(EventTime moment);
  void Sweep();
  UserTable::Visit SweepUser(const UserKey& key, UserState& state);
  void SweepTexts();

  // ---- detector_rows.cc
  void EmitMeta(const Emit& emit);
  void EmitTenant(TenantIndex index, const Emit& emit);
  void EmitUser(const UserKey& key, const Emit& emit);
  template <typename Log>
  void EmitLog(RowKind kind, const Log& log, const UserKey& key, const Emit& emit);
  void EmitMfaMethod(SourceKey key, const Emit& emit);
  void EmitDuplicate(const Hash128& id, EventTime until, const Emit& emit);
  void StartJournal();
  void NotBeyond(EventTime now);
  [[nodiscard]] bool LoadRow(const StateRow& row, const SavedRules& saved);
  [[nodiscard]] bool LoadMeta(const StateRow& row, SavedRules* saved);
  [[nodiscard]] bool LoadTenant(std::string_view key, RowReader* row, const SavedRules& saved);
  [[nodiscard]] bool LoadUser(std::string_view key, RowReader* row, const SavedRules& saved);
  template <typename Log>
  [[nodiscard]] bool LoadLog(std::string_view key, RowReader* row, Log* log);
  [[nodiscard]] bool LoadMfaMethod(std::string_view key, RowReader* row);
  // What is loaded is laid out by `saved`: lays it out by the rules of now. False: too many rules
  // are gone.
  [[nodiscard]] bool AdoptRules(const SavedRules& saved);

  const DetectionConfig config_;  // its rules aside: those are in the book
  const OperationTable operations_;
  const AuditOperations audit_operations_;
  RuleBook rules_;

  ChangeJournal journal_;
  TextPool pool_;
  FailureProfiles profiles_;
  DedupIndex dedup_;
  TenantTable tenants_;
  UserTable users_;
  MfaMethods mfa_methods_;
  CredentialLog credentials_;
  RiskLog risks_;
  AuditLog audits_;
  TrackTable tracks_;
  Explainer explainer_;
  Evidence evidence_;
  TicketFacts facts_;
  BurstTickets tickets_;
  NearMissList near_misses_;

  EventTime watermark_ = kBeginningOfTime;
  EventTime settled_at_ = kBeginningOfTime;  // moment of the last SettleWaiting
  Duration set_back_from_{};                 // see Detector
  DetectorCounters counters_;
  uint64_t sources_evicted_ = 0;
  uint64_t failing_evicted_ = 0;
  uint64_t tenants_evicted_ = 0;
  int room_check_in_ = 0;  // records until the next look at the bytes of the state
  bool full_ = false;      // with nothing but bursts

  std::vector<SpilledDay> spill_scratch_;
  std::array<Coming, kPrefetchDistance / 2> coming_;
  size_t coming_next_ = 0;
  TenantId coming_tenant_;
  TenantIndex coming_tenant_index_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_
