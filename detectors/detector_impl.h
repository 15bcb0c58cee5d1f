// The detector's parts put together. Private to detectors/; detector.h is the interface.
//
// detector.cc          Apply: sign-ins to tables.
// detector_sessions.cc failures to sessions.
// detector_audit.cc    Apply: audit records to credential events.
// detector_room.cc     making room at the bounds.
// detector_prefetch.cc Prefetch: the same, some records ahead.
// detector_time.cc     AdvanceTo and Finish: timers, the watermark, sweeping.
// detector_tickets.cc  bursts to tickets: opening, joining, reviewing, closing, revising.
// detector_rows.cc     saving and loading.
// detector_adopt.cc    loading what was saved with other rules.
#ifndef SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_
#define SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "detectors/config.h"
#include "detectors/credential_log.h"
#include "detectors/dedup_index.h"
#include "detectors/detector.h"
#include "detectors/explainer.h"
#include "detectors/keys.h"
#include "detectors/session.h"
#include "detectors/tenant_shares.h"
#include "detectors/text_pool.h"
#include "detectors/ticket_desk.h"
#include "detectors/ticket_ids.h"
#include "detectors/user_table.h"

namespace signinwatch {

struct Tenant {
  TenantId id;
  uint64_t serial = 0;  // of its coming; tells tenants of one index apart
  std::string text;
  uint32_t users = 0;                      // in the user table
  uint32_t tickets = 0;                    // held
  std::vector<Track> tracks;               // one for each rule of tenant scope
  std::vector<TicketNumber> user_tickets;  // held tickets of user scope
  // Users with detail in the order of their coming; some have gone since. Those before
  // `failing_next` have been taken out.
  std::vector<UserKey> failing_order;
  size_t failing_next = 0;
};

class Detector::Impl {
 public:
  explicit Impl(const DetectionConfig& config);

  Outcome Apply(const Signal& signal, const ParsedMessage& message, EventTime moment);
  void Prefetch(const Signal& signal);
  void AdvanceTo(EventTime watermark, EventTime moment);
  void Finish(EventTime moment);
  std::vector<Ticket> TakeRevisions() { return desk_.TakeRevisions(); }
  std::vector<NearMiss> TakeNearMisses() {
    std::vector<NearMiss> taken(near_misses_.begin(), near_misses_.end());
    near_misses_.clear();
    return taken;
  }
  void ForEachTicket(const std::function<void(const Ticket&)>& visit) const;

  EventTime watermark() const { return watermark_; }
  const DetectorCounters& counters();
  DetectorSizes sizes() const;

  void Save(const std::function<void(StateRow)>& emit);
  void SaveChanges(const std::function<void(StateRow)>& emit);
  bool Load(const std::function<void(const StateVisitor&)>& rows, EventTime now);
  Duration set_back_from() const { return set_back_from_; }

 private:
  // What a sign-in's code means.
  struct CodeClass {
    uint64_t rules = 0;  // bit i: rule i watches it
    uint16_t index = 0;  // into codes_
    bool bad_password = false;
    bool expired = false;
  };
  // A rule's track of one key, by key: tracks move, keys don't.
  struct TrackRef {
    uint16_t rule = 0;
    UserKey key;
    friend auto operator<=>(const TrackRef&, const TrackRef&) = default;
  };
  struct Timer {
    EventTime due;
    bool credentials = false;  // prune the credential events of ref.key, else see to the track
    TrackRef ref;
    friend auto operator<=>(const Timer&, const Timer&) = default;
  };
  // A burst of a track, open or past.
  struct BurstRef {
    EventTime start;
    EventTime end;
    uint64_t count = 0;
    TicketNumber* ticket = nullptr;
    bool continues = false;
    Session* session = nullptr;  // nullptr: past
    PastBurst* past = nullptr;   // nullptr: open
  };

  // ---- detector.cc
  TenantIndex TenantOf(const Signal& signal, const ParsedMessage& message);
  TenantIndex TenantById(const TenantId& id, std::string_view text);
  TenantIndex NewTenant(const TenantId& id);
  [[nodiscard]] bool IsTenant(const std::pair<TenantIndex, uint64_t>& entry) const {
    const Tenant* tenant = tenants_[entry.first].get();
    return tenant != nullptr && tenant->serial == entry.second;
  }
  // No users, tickets and credential events; tracks there may be.
  [[nodiscard]] bool HoldsTracksAlone(TenantIndex index) const;
  void ReleaseTenant(TenantIndex index);
  UserState& User(const UserKey& key);
  [[nodiscard]] const CodeClass* ClassOf(int64_t code) const;
  [[nodiscard]] bool IsDuplicate(const Signal& signal, Duration horizon);
  void NoteLate(const Signal& signal, Outcome* outcome);
  void ApplySuccess(const UserKey& key, const Signal& signal, EventTime moment);
  bool AddReturn(UserState& state, EventTime t);
  void ThinReturns(UserState& state);
  void ApplyFailure(const UserKey& key, const Signal& signal, const CodeClass& code,
                    EventTime moment);
  // `like`: a failure that probably has the same texts.
  [[nodiscard]] Failure MakeFailure(const Signal& signal, const ParsedMessage& message,
                                    uint16_t code_index, const Failure& like);
  // A failure of an open session of the user, or an empty one.
  [[nodiscard]] Failure AnyFailureOf(const UserKey& user) const;
  [[nodiscard]] static Hash128 DedupKey(const Signal& signal);

  // ---- detector_sessions.cc
  // False: the failure came too late for any session.
  bool AddToRule(size_t rule, const UserKey& key, const Failure& failure, EventTime moment);
  void AfterAddition(const TrackRef& ref, Track* track, const TrackUpdate& update,
                     const Failure& failure, EventTime moment);
  [[nodiscard]] bool ReachesPasswordFailures(const UserKey& key, EventTime end_before,
                                             EventTime end) const;
  void SettlePending(EventTime moment);
  [[nodiscard]] Track* FindTrack(const TrackRef& ref);
  Track& GetTrack(const TrackRef& ref);
  [[nodiscard]] static bool HasTracks(const UserDetail& detail);

  // ---- detector_audit.cc
  void ApplyAudit(const Signal& signal, const ParsedMessage& message, EventTime moment,
                  Outcome* outcome);
  void AddCredentialEvent(const Signal& signal, const ParsedMessage& message,
                          const OperationTable::Meaning& meaning, EventTime moment, bool late);
  [[nodiscard]] TextId ActorText(const AuditDetail& detail, const ParsedMessage& message);

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
  void EvictCredentialEvent();
  bool EvictTicket(EventTime moment);
  UserDetail& Detail(const UserKey& key, UserState& state);
  // Takes the next user out of the tenant's order; form kNone: there is none.
  [[nodiscard]] UserKey NextFailing(Tenant* tenant);
  // Forgets open sessions without a burst; false, and nothing is done, if there is a burst.
  bool DropSessions(TenantIndex tenant, std::vector<Track>* tracks);
  // The same, and all else that is known of the user's failures.
  bool DropFailures(const UserKey& key);
  // Of the tenant that holds most; `any_tenant`: where that gives none, of the next.
  bool EvictFailingUser(bool any_tenant);
  void EvictTenant();
  // Makes room for one more failure of the user. False: it can not be taken.
  [[nodiscard]] bool RoomForFailure(const UserKey& key);
  bool EvictLiveEvents();
  bool FoldEarly(const UserKey& key, std::vector<Track>* tracks);
  // Folds what the watermark has passed; `early`: if that is nothing, what it has not. How many
  // failures went.
  size_t LetGo(const TrackRef& ref, Session* session, bool early);

  // ---- detector_prefetch.cc
  // A sign-in that Prefetch was called for, and Apply will be.
  struct Coming {
    UserKey user;
    bool counts = false;  // its code is watched: it will touch the user's and tenant's tracks
  };
  [[nodiscard]] const Coming& CallsAgo(size_t calls) const {
    return coming_[(coming_at_ - calls) % coming_.size()];
  }
  void PrefetchTracks(const std::vector<Track>& tracks, size_t stage) const;

  // ---- detector_time.cc
  [[nodiscard]] EventTime TrackDue(const Track& track, const TrackRef& ref) const;
  void ArmTrack(const TrackRef& ref, Track* track);
  void ArmCredentials(const UserKey& user);
  void FireTrack(const Timer& timer, EventTime moment);
  void FireTimers(EventTime watermark, EventTime moment);
  void Sweep();
  UserTable::Visit SweepUser(const UserKey& key, UserState& state);
  void SweepTexts();

  // ---- detector_tickets.cc
  [[nodiscard]] std::vector<BurstRef> BurstsOf(Track* track) const;
  // The ticket's latest burst, which is the one that it shows; nullptr if there is none.
  [[nodiscard]] static const BurstRef* LatestOf(const std::vector<BurstRef>& bursts,
                                                TicketNumber number);
  // Gives every burst of the track its ticket: bursts less than reopen_within apart share the
  // oldest.
  void AssignTickets(const TrackRef& ref, Track* track, EventTime moment);
  [[nodiscard]] TicketNumber OpenTicket(const TrackRef& ref, const Session& session,
                                        const BurstRef* before, EventTime moment);
  // The id of a ticket that another one is about to name, which is sent first if it is not yet.
  // Empty: it is not held.
  [[nodiscard]] std::string NamedId(TicketNumber number, EventTime moment);
  // Two tickets of the track become one, the older.
  void MergeTickets(Track* track, TicketNumber a, TicketNumber b, EventTime moment);
  // `first`: of the burst, may be nullptr.
  [[nodiscard]] std::string NewTicketId(const TrackRef& ref, EventTime start, const Failure* first);
  // `late`: a credential event came late, so resolved tickets are to be looked at too.
  void TouchUserBursts(const UserKey& key, EventTime moment, bool late = false);
  void TouchTenantBursts(TenantIndex tenant, EventTime moment,
                         TicketDesk::Weight weight = TicketDesk::Weight::kFull);
  void TouchForChange(const UserKey& user, TextId name, EventTime moment, bool late);
  void RunReviews(EventTime moment);
  void Review(TicketNumber number, EventTime moment);
  void ReviewOpen(TicketNumber number, TicketEntry* entry, Track* track, Session* session,
                  EventTime moment);
  // What is to be said of a resolved ticket, if anything.
  [[nodiscard]] std::unique_ptr<Ticket> RevisionOfResolved(TicketEntry* entry,
                                                           const PastBurst& burst,
                                                           EventTime moment);
  // The last that is said of a ticket which is merged into `kept`, or whose goes on nowhere.
  [[nodiscard]] static Ticket MergedTicket(const TicketEntry& entry, std::string kept,
                                           EventTime moment);
  // The last revision of a ticket of which nothing else will be held; then it goes.
  void SendParting(TicketNumber number, std::unique_ptr<Ticket> parting, EventTime moment);
  void Close(const TrackRef& ref, Track* track, size_t index, EventTime moment);
  void NoteNearMiss(const TrackRef& ref, const Session& session);
  void DropTicket(TicketNumber number, EventTime moment);
  void ForgetPast(GroupBy scope, Track* track, EventTime moment);

  // The ticket of an open session's burst as it stands now; `past` gets the burst's names,
  // `evicted` what the bounds of the counted lists cost.
  [[nodiscard]] Ticket BuildTicket(TicketNumber number, const TrackRef& ref, Track* track,
                                   const Session& session, bool closed, EventTime moment,
                                   PastBurst* past, uint64_t* evicted);
  void ExplainUserBurst(const Subject& subject, Ticket* ticket);
  void ExplainTenantBurst(TenantIndex tenant, const BurstSummary& summary, bool closed,
                          Ticket* ticket) const;
  void Resolve(const TrackRef& ref, const BurstSummary& summary, Ticket* ticket) const;
  [[nodiscard]] bool Persistent(const std::vector<BurstRef>& bursts, EventTime start,
                                EventTime end) const;
  [[nodiscard]] TicketNumber ParentOf(TenantIndex tenant, EventTime start, EventTime end);
  // Revises resolved user tickets that a burst of the tenant now overlaps.
  void LinkUserTickets(TenantIndex tenant, EventTime moment);
  [[nodiscard]] UserKey KeyOf(TenantIndex tenant, const UserText& user) const;

  // ---- detector_rows.cc
  using Emit = std::function<void(StateRow)>;
  void EmitUser(const UserKey& key, const Emit& emit);
  void EmitTenant(TenantIndex index, const Emit& emit);
  void EmitCredentials(const UserKey& key, const Emit& emit);
  void EmitTicket(TicketNumber number, const Emit& emit);
  void EmitDedup(const Hash128& key, EventTime until, const Emit& emit);
  void EmitTicketId(const Hash128& id, EventTime start, const Emit& emit);
  void EmitMeta(const Emit& emit);
  void NotBeyond(EventTime now);
  bool LoadRow(const StateRow& row);
  [[nodiscard]] bool LoadUser(std::string_view key, std::string_view value);
  [[nodiscard]] bool LoadTenant(std::string_view key, std::string_view value);
  [[nodiscard]] bool LoadCredentials(std::string_view key, std::string_view value);
  [[nodiscard]] bool LoadTicket(std::string_view key, std::string_view value);
  [[nodiscard]] bool LoadMeta(std::string_view value);
  void AfterLoad();

  // ---- detector_adopt.cc
  // The rules and codes that rows were saved with.
  struct SavedRules {
    std::vector<BurstRule> rules;
    std::vector<int64_t> codes;
    [[nodiscard]] size_t CountOf(GroupBy scope) const;
  };
  // What is loaded is laid out by saved_: lays it out by the rules of now. False: too many rules
  // are gone.
  [[nodiscard]] bool AdoptSaved();
  [[nodiscard]] bool RetireRules();
  void AdoptTracks(GroupBy scope, std::vector<Track>* tracks);
  void AdoptCodes();
  template <typename Visit>
  void ForEachTracks(const Visit& visit);  // visit(scope, tracks) for each user and tenant
  void AddRule(const BurstRule& rule);
  void SetSpans();

  void StartJournal();
  void MarkUser(const UserKey& key) {
    if (journaling_) changed_users_.insert(key);
  }
  void MarkCredentials(const UserKey& key) {
    if (journaling_) changed_credentials_.insert(key);
  }
  void MarkTenant(TenantIndex index) {
    if (journaling_) changed_tenants_.insert(index);
  }
  // Erased: noted at once, for the tenant that its row is named by may go too.
  void DeleteUserRow(const UserKey& key);
  void DeleteCredentialsRow(const UserKey& key);
  void MarkTrack(const TrackRef& ref) {
    if (ref.key.form == IdForm::kNone) {
      MarkTenant(ref.key.tenant);
    } else {
      MarkUser(ref.key);
    }
  }

  // Behind the rules that are configured, those that are gone and have bursts still: they watch no
  // code.
  DetectionConfig config_;
  const OperationTable operations_;
  // Every code that counts, sorted, as many as code_classes_; behind them those that only failures
  // of before a change of the rules have.
  std::vector<int64_t> codes_;
  std::vector<CodeClass> code_classes_;
  std::vector<size_t> slot_;  // of each rule among the rules of its scope
  size_t user_rules_ = 0;
  size_t tenant_rules_ = 0;
  // How long the longest session can go on after one of its failures, closing included.
  Duration session_span_{};
  // How long closed bursts and their tickets are held: those of tenants longer, so that none which
  // a held user ticket overlaps goes before that.
  Duration past_span_{};
  // How long credential events are held.
  Duration credentials_span_{};
  [[nodiscard]] Duration PastSpan(GroupBy scope) const {
    return scope == GroupBy::kUser ? past_span_ : past_span_ + session_span_;
  }

  EventTime watermark_ = kBeginningOfTime;
  EventTime settled_at_ = kBeginningOfTime;  // moment of the last SettlePending
  Duration set_back_from_{};                 // see Detector
  DetectorCounters counters_;
  TenantShares live_events_;
  uint64_t live_evicted_ = 0;
  uint64_t sources_evicted_ = 0;
  uint64_t values_evicted_ = 0;
  uint64_t failing_evicted_ = 0;
  uint64_t tenants_evicted_ = 0;
  size_t open_sessions_ = 0;
  size_t folded_bytes_ = 0;
  int room_check_in_ = 0;  // records until the next look at the bytes of the state
  bool full_ = false;      // with nothing but bursts

  TextPool pool_;
  DedupIndex dedup_;
  UserTable users_;
  CredentialLog credentials_;
  TicketDesk desk_;
  // Ids are remembered for less time than tickets are held, but also of those that were merged or
  // evicted.
  static constexpr size_t kIdsPerTicket = 4;
  static constexpr size_t kIdsMin = 1024;
  TicketIds ids_;
  Explainer explainer_;
  std::vector<std::unique_ptr<Tenant>> tenants_;
  std::vector<TenantIndex> free_tenants_;
  // In the order of their coming; some have gone since.
  std::deque<std::pair<TenantIndex, uint64_t>> tenant_order_;
  uint64_t tenant_serial_ = 0;
  absl::flat_hash_map<TenantId, TenantIndex, TableHash> tenant_index_;
  TenantId last_tenant_;
  TenantIndex last_tenant_index_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::set<TrackRef> pending_;  // tracks with a session that waits to be settled

  WindowUsers window_users_;
  std::vector<SpilledDay> spill_scratch_;
  std::string text_scratch_;
  std::array<Coming, 16> coming_{};
  size_t coming_at_ = 0;
  TenantId coming_tenant_;
  TenantIndex coming_tenant_index_ = 0;

  std::deque<NearMiss> near_misses_;  // at most kNearMissesMax

  SavedRules saved_;                  // while loading
  std::vector<uint16_t> saved_rule_;  // of each saved rule, its place among those of now

  bool journaling_ = false;
  absl::flat_hash_set<UserKey, TableHash> changed_users_;
  absl::flat_hash_set<UserKey, TableHash> changed_credentials_;
  absl::flat_hash_set<TenantIndex, TableHash> changed_tenants_;
  std::vector<StateRow> deleted_rows_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_DETECTOR_IMPL_H_
