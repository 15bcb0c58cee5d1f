#include "daemon/sinks/ticket_life.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "daemon/log/log.h"
#include "daemon/sinks/redaction.h"
#include "daemon/sinks/written_fields.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;

// What an intent may be about (RemoteIntent::operation).
constexpr std::string_view kCreate = "create";
constexpr std::string_view kCreateAgain = "create again";  // one before it may have been done too
constexpr std::string_view kTwins = "twins";               // there may be several: look, and repair
constexpr std::string_view kUpdate = "update";
constexpr std::string_view kResolve = "resolve";
constexpr std::string_view kReopen = "reopen";
constexpr std::string_view kMessage = "message";

// What is made in one attempt, one after another: a successor may be closed by a person too.
constexpr int kRounds = 3;

bool IsCreate(const std::optional<store::RemoteIntent>& intent) {
  return intent && (intent->operation == kCreate || intent->operation == kCreateAgain);
}

// One revision's way, as far as it gets this time.
class Attempt {
 public:
  Attempt(const std::string& sink, TicketSystem& system, store::Outbox& outbox,
          const clock::Clock& clock, const store::Delivery& delivery)
      : system_(system),
        traits_(system.traits()),
        outbox_(outbox),
        clock_(clock),
        delivery_(delivery),
        telling_{.delivery = delivery,
                 .reference = delivery.ticket_id + "/" + std::to_string(delivery.revision)} {
    remote_.sink = sink;
    remote_.ticket_id = delivery.ticket_id;
  }

  SendResult Run() {
    if (const absl::Status status = Load(); !status.ok()) return ResultOf(OfStore(status));
    // It was told, and only the acknowledgement is missing.
    if (remote_.revision >= delivery_.revision && !remote_.intent) {
      return {.kind = SendResult::Kind::kDelivered, .remote = remote_};
    }
    if (Answer ready = system_.Ready(); !ready.done()) return ResultOf(ready);
    SendResult result = ResultOf(traits_.updates ? Bring() : TellByMessage());
    result.begun = result.kind == SendResult::Kind::kWaits;
    return result;
  }

 private:
  // What is known, and what the tickets are called that the text names.
  absl::Status Load() {
    std::vector<store::RemoteTicket> known;
    if (auto status = outbox_.RemoteTickets(remote_.sink, delivery_.ticket_id, &known);
        !status.ok()) {
      return status;
    }
    if (!known.empty()) remote_ = known.back();
    if (known.size() > 1) telling_.former = NameOf(known[known.size() - 2]);
    loaded_ = remote_;
    before_ = remote_.intent;
    written_ = WrittenFields::FromText(remote_.memo);
    telling_.key = store::RemoteKey(delivery_.ticket_id, remote_.generation);
    for (const auto& [id, name] : {std::pair(&delivery_.parent_ticket_id, &telling_.parent),
                                   std::pair(&delivery_.continues, &telling_.continues),
                                   std::pair(&delivery_.merged_into, &telling_.merged_into)}) {
      if (id->empty()) continue;
      name->ticket_id = *id;
      std::vector<store::RemoteTicket> others;
      if (auto status = outbox_.RemoteTickets(remote_.sink, *id, &others); !status.ok()) {
        return status;
      }
      if (!others.empty()) *name = NameOf(others.back());
    }
    if (delivery_.scope != "tenant") return absl::OkStatus();
    return outbox_.RolledUpUnder(remote_.sink, delivery_.ticket_id, delivery_.committed_at,
                                 &telling_.rolled_up);
  }

  static RemoteName NameOf(const store::RemoteTicket& remote) {
    return {.ticket_id = remote.ticket_id,
            .id = remote.remote_id,
            .link = remote.link,
            .memo = WrittenFields::FromText(remote.memo).memo()};
  }

  [[nodiscard]] bool IsThere() const { return remote_.revision > 0; }
  [[nodiscard]] bool IsClosedByPerson() const {
    return remote_.state == store::RemoteState::kClosedByPerson;
  }
  [[nodiscard]] bool BurstGoesOn() const { return delivery_.state == "open"; }
  [[nodiscard]] RemoteHandle Handle() const {
    return {.id = remote_.remote_id, .link = remote_.link, .memo = written_.memo()};
  }

  Answer Bring() {
    for (int round = 0; round < kRounds; ++round) {
      if (IsClosedByPerson()) {
        if (delivery_.reopened <= remote_.reopened) return {};
        if (Answer answer = Succeed(); !answer.done()) return answer;
      }
      Answer answer = IsThere() ? Answer() : Make();
      if (answer.done() && remote_.intent && remote_.intent->operation == kTwins) {
        answer = SettleTwins();
      }
      if (answer.done() && !IsClosedByPerson()) answer = BringUpToDate();
      if (!answer.done() || (IsThere() && !IsClosedByPerson())) return answer;
    }
    return {};
  }

  // From the one that a person closed to another, which has to be made.
  Answer Succeed() {
    telling_.former = NameOf(remote_);
    remote_.intent.reset();
    remote_.memo = written_.ToText();
    if (const absl::Status status = outbox_.NoteRemote(remote_); !status.ok()) {
      return OfStore(status);
    }
    remote_ = {
        .sink = remote_.sink, .ticket_id = remote_.ticket_id, .generation = remote_.generation + 1};
    telling_.key = store::RemoteKey(remote_.ticket_id, remote_.generation);
    Forget();
    return {};
  }

  // What was known of one ticket there does not hold for another.
  void Forget() {
    before_.reset();
    written_ = {};
    telling_.leave.clear();
    is_told_ = false;
  }

  Answer Make() {
    const std::optional<store::RemoteIntent> unknown =
        IsCreate(remote_.intent) ? remote_.intent : std::nullopt;
    if (traits_.finds && (unknown || !traits_.finds_only_lost)) {
      if (unknown) {
        if (Answer wait = WaitUntilFound(); !wait.done()) return wait;
      }
      std::vector<Seen> found;
      if (Answer answer = Look(&found); !answer.done()) return answer;
      if (!found.empty()) {
        Adopt(found, unknown);
        return {};
      }
    }
    const bool may_be_twins = unknown && traits_.finds && !traits_.unique_keys;
    remote_.reopened = delivery_.reopened;
    remote_.state = store::RemoteState::kOpen;
    written_.MayWrite(system_.Fields(telling_), {});
    if (Answer answer = Intend(may_be_twins ? kCreateAgain : kCreate); !answer.done())
      return answer;
    Made made;
    Answer answer = Clean(system_.Create(telling_, &made));
    if (answer.kind == Kind::kGone) {  // there is no id that could be wrong: the place is
      answer.kind = Kind::kNotDone;
      answer.sink_down = true;
    }
    // Not done for certain, it is as if it had not been tried.
    if (answer.kind == Kind::kNotDone || answer.kind == Kind::kWait) remote_.intent = unknown;
    if (!answer.done()) return answer;
    Take(made.handle);
    if (!made.existed) written_.Wrote(system_.Fields(telling_), {});
    is_told_ = !made.existed;
    remote_.revision = made.existed ? (unknown ? unknown->revision : 1) : delivery_.revision;
    remote_.intent.reset();
    if (may_be_twins && !made.existed) return Intend(kTwins);
    return {};
  }

  // kWait until what was made at the intent must be found.
  Answer WaitUntilFound() {
    const EventTime now = clock_.Wall();
    // The wall clock was set back: the wait is counted anew.
    if (remote_.intent->since > now) remote_.intent->since = now;
    const Duration left = remote_.intent->since + traits_.find_lag - now;
    if (left <= Duration(0)) return {};
    return {.kind = Kind::kWait, .retry_after = std::chrono::ceil<std::chrono::milliseconds>(left)};
  }

  // What carries the key, and nothing else.
  Answer Look(std::vector<Seen>* found) {
    telling_.lost_since = remote_.intent ? remote_.intent->since : kBeginningOfTime;
    Answer answer = Clean(system_.Find(telling_, found));
    if (answer.kind == Kind::kUnknown || answer.kind == Kind::kGone) answer.kind = Kind::kNotDone;
    std::erase_if(*found, [this](const Seen& seen) { return seen.key != telling_.key; });
    return answer;
  }

  void Adopt(const std::vector<Seen>& found, const std::optional<store::RemoteIntent>& unknown) {
    const Seen& first = found.front();
    Take(first.handle);
    // It was never closed by us, who did not know of it.
    remote_.state = first.state == store::RemoteState::kOpen ? store::RemoteState::kOpen
                                                             : store::RemoteState::kClosedByPerson;
    remote_.revision = unknown ? unknown->revision : 1;
    if (!unknown) remote_.reopened = delivery_.reopened;
    is_told_ = remote_.revision == delivery_.revision && unknown;
    remote_.intent.reset();
    if (traits_.unique_keys) return;
    // Of several that were asked for the others may be found later.
    const bool asked_twice = unknown && unknown->operation == kCreateAgain;
    if (found.size() > 1 || asked_twice) {
      remote_.intent = {.operation = std::string(kTwins),
                        .revision = delivery_.revision,
                        .since = asked_twice ? clock_.Wall() : kBeginningOfTime};
    }
  }

  Answer SettleTwins() {
    if (Answer wait = WaitUntilFound(); !wait.done()) return wait;
    std::vector<Seen> found;
    if (Answer answer = Look(&found); !answer.done()) return answer;
    remote_.intent->operation = kTwins;
    const auto is_ours = [this](const Seen& seen) { return seen.handle.id == remote_.remote_id; };
    if (!found.empty()) {
      // Ours was made last. Where it is not found yet, it still is one of them.
      if (std::none_of(found.begin(), found.end(), is_ours)) {
        found.push_back({.key = telling_.key, .handle = Handle()});
      }
      const Seen& stays = found.front();
      for (size_t i = 1; i < found.size(); ++i) {
        if (found[i].state != store::RemoteState::kOpen) continue;
        const Answer answer = Clean(system_.CloseTwin(telling_, found[i].handle, stays.handle));
        if (!answer.done() && answer.kind != Kind::kGone) return answer;
      }
      if (!is_ours(stays)) {
        Take(stays.handle);
        Forget();
      }
      if (stays.state != store::RemoteState::kOpen)
        remote_.state = store::RemoteState::kClosedByPerson;
    }
    remote_.intent.reset();
    return {};
  }

  Answer BringUpToDate() {
    if (!is_told_ && traits_.reads) {
      const Answer answer = ReadState();
      if (!answer.done() || !IsThere() || IsClosedByPerson()) return answer;
    }
    if (BurstGoesOn() && remote_.state == store::RemoteState::kClosed) {
      written_.MayWrite(system_.Fields(telling_), telling_.leave);
      const Answer answer = Change(
          kReopen, [this](RemoteHandle* handle) { return system_.Reopen(telling_, handle); });
      if (answer.kind == Kind::kGone) {  // closed for good
        remote_.state = store::RemoteState::kClosedByPerson;
        return {};
      }
      if (!answer.done()) return answer;
      remote_.state = store::RemoteState::kOpen;
    }
    if (NeedsText()) {
      const Answer answer = WriteText();
      if (!answer.done() || !IsThere() || IsClosedByPerson()) return answer;
    }
    if (BurstGoesOn() || remote_.state != store::RemoteState::kOpen) return {};
    const Answer answer = Change(
        kResolve, [this](RemoteHandle* handle) { return system_.Resolve(telling_, handle); });
    if (answer.kind == Kind::kGone) return Gone();
    if (answer.done()) remote_.state = store::RemoteState::kClosed;
    return answer;
  }

  [[nodiscard]] bool NeedsText() const {
    if (is_told_) return false;
    if (traits_.silent_when_closed && remote_.state == store::RemoteState::kClosed) return false;
    if (!before_ || before_->operation != kResolve || BurstGoesOn()) return true;
    // The text was written before the Resolve whose outcome is not known; a later one could open
    // again what was closed by that.
    return before_->revision != delivery_.revision && !traits_.silent_when_closed;
  }

  Answer ReadState() {
    const bool may_be_ours = before_ && before_->operation == kResolve;
    Seen seen;
    Answer answer = Clean(
        system_.Read({.handle = Handle(),
                      .closed_by_us = may_be_ours || remote_.state == store::RemoteState::kClosed},
                     &seen));
    if (answer.kind == Kind::kGone) return Gone();
    if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;  // it changes nothing
    if (!answer.done()) return answer;
    const bool by_us = may_be_ours || remote_.state == store::RemoteState::kClosed;
    remote_.state = seen.state == store::RemoteState::kClosed && !by_us
                        ? store::RemoteState::kClosedByPerson
                        : seen.state;
    telling_.leave = written_.ChangedIn(seen.fields);
    return {};
  }

  Answer WriteText() {
    const RemoteFields fields = system_.Fields(telling_);
    written_.MayWrite(fields, telling_.leave);
    Answer answer =
        Change(kUpdate, [&](RemoteHandle* handle) { return system_.Update(telling_, handle); });
    if (answer.kind == Kind::kGone) return Gone();
    if (!answer.done()) return answer;
    written_.Wrote(fields, telling_.leave);
    if (!traits_.notes) return {};
    bool found = false;
    if (before_ && before_->revision == delivery_.revision) {
      answer = Clean(system_.FindNote(telling_, Handle(), &found));
      if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;
    }
    if (answer.done() && !found) answer = Clean(system_.AddNote(telling_, Handle()));
    return answer.kind == Kind::kGone ? Gone() : answer;
  }

  Answer Gone() {
    if (traits_.made_anew_when_gone) {
      remote_.revision = 0;
      remote_.remote_id.clear();
      remote_.link.clear();
      remote_.intent.reset();
      Forget();
    } else {
      remote_.state = store::RemoteState::kClosedByPerson;
    }
    return {};
  }

  template <typename Operation>
  Answer Change(std::string_view name, Operation operation) {
    if (Answer answer = Intend(name); !answer.done()) return answer;
    RemoteHandle handle = Handle();
    Answer answer = Clean(operation(&handle));
    if (answer.done()) Take(handle);
    return answer;
  }

  // Only the first message of a change that matters is sent.
  Answer TellByMessage() {
    // "open high": the state that was told last, and the worst severity.
    const std::string told = written_.memo();
    const size_t blank = std::min(told.find(' '), told.size());
    const std::string worst = blank < told.size() ? told.substr(blank + 1) : "";
    const bool is_worse =
        worst.empty() || store::SeverityRank(delivery_.severity) > store::SeverityRank(worst);
    if (IsThere() && told.substr(0, blank) == delivery_.state &&
        delivery_.reopened == remote_.reopened && !is_worse) {
      is_left_out_ = true;
      return {};
    }
    if (Answer answer = Intend(kMessage); !answer.done()) return answer;
    Made made;
    Answer answer = Clean(system_.Create(telling_, &made));
    if (answer.kind == Kind::kGone) {
      answer.kind = Kind::kNotDone;
      answer.sink_down = true;
    }
    if (!answer.done()) return answer;
    Take(made.handle);
    written_.set_memo(delivery_.state + " " + (is_worse ? delivery_.severity : worst));
    remote_.state = BurstGoesOn() ? store::RemoteState::kOpen : store::RemoteState::kClosed;
    return {};
  }

  void Take(const RemoteHandle& handle) {
    // What is longer than the store takes is no id or link that anybody could use.
    remote_.remote_id = handle.id.size() <= store::kRemoteIdBytesMax ? handle.id : "";
    remote_.link = handle.link.size() <= store::kRemoteLinkBytesMax ? handle.link : "";
    written_.set_memo(handle.memo);
  }

  // Commits that `operation` is about to be done. Nothing is done that was not committed.
  Answer Intend(std::string_view operation) {
    remote_.intent = {.operation = std::string(operation),
                      .revision = delivery_.revision,
                      .since = clock_.Wall()};
    remote_.memo = written_.ToText();
    const absl::Status status = outbox_.NoteRemote(remote_);
    if (!status.ok()) return OfStore(status);
    loaded_ = remote_;
    return {};
  }

  Answer OfStore(const absl::Status& status) const {
    log::Log(config::LogLevel::kError, "what is known of a ticket elsewhere cannot be read or kept",
             {{"sink", remote_.sink}, {"error", std::string(status.message())}});
    return {.kind = Kind::kWait, .retry_after = kStoreRetry, .sink_down = true};
  }

  // The other side's words may hold anything.
  static Answer Clean(Answer answer) {
    answer.error = WithoutPeople(answer.error);
    return answer;
  }

  SendResult Delivered() {
    if (!IsClosedByPerson() && !is_left_out_) {
      remote_.revision = delivery_.revision;
      remote_.reopened = delivery_.reopened;
    }
    remote_.intent.reset();
    remote_.error.clear();
    remote_.memo = written_.ToText();
    return {.kind = SendResult::Kind::kDelivered, .remote = remote_};
  }

  SendResult ResultOf(const Answer& answer) {
    if (answer.done()) return Delivered();
    SendResult result{.error = answer.error,
                      .retry_after = answer.retry_after,
                      .sink_down = answer.sink_down,
                      .reason = answer.reason};
    remote_.memo = written_.ToText();
    if (answer.kind == Kind::kRefused || answer.kind == Kind::kGone) {
      remote_.intent.reset();
      remote_.error = answer.error;
      result.kind = SendResult::Kind::kPermanent;
      result.remote = remote_;
      return result;
    }
    result.kind =
        answer.kind == Kind::kWait ? SendResult::Kind::kWaits : SendResult::Kind::kTemporary;
    if (answer.kind != Kind::kWait) remote_.error = answer.error;
    // So that it is shown, and that what was not done is not looked for. Where that fails the
    // intent that stands is the safe side.
    if (!(remote_ == loaded_)) (void)outbox_.NoteRemote(remote_);
    return result;
  }

  TicketSystem& system_;
  const SystemTraits traits_;
  store::Outbox& outbox_;
  const clock::Clock& clock_;
  const store::Delivery& delivery_;
  Telling telling_;

  store::RemoteTicket remote_;                 // as far as we are; what the next intent commits
  store::RemoteTicket loaded_;                 // as it is in the store
  std::optional<store::RemoteIntent> before_;  // whose outcome was not known when we came
  WrittenFields written_;
  bool is_told_ = false;      // the text there is that of this revision
  bool is_left_out_ = false;  // by a system that takes messages: it was not worth one
};

}  // namespace

TicketLife::TicketLife(std::string sink, std::unique_ptr<TicketSystem> system,
                       store::Outbox& outbox, const clock::Clock& clock)
    : sink_(std::move(sink)), system_(std::move(system)), outbox_(outbox), clock_(clock) {}

std::vector<SendResult> TicketLife::Send(std::span<const store::Delivery> deliveries) {
  std::vector<SendResult> results;
  for (const store::Delivery& delivery : deliveries) {
    const bool down = !results.empty() && results.back().sink_down;
    results.push_back(down ? SendResult{.kind = SendResult::Kind::kWaits, .sink_down = true}
                           : Attempt(sink_, *system_, outbox_, clock_, delivery).Run());
  }
  return results;
}

absl::StatusOr<std::string> TicketLife::Ask() {
  std::string said;
  const Answer answer = system_->Ask(&said);
  if (answer.done()) return said;
  return absl::UnavailableError(WithoutPeople(answer.error));
}

}  // namespace signinwatch::sinks
