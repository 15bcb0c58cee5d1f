#include "detectors/explainer.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace signinwatch {
namespace {

constexpr Duration kExpiredSpan = kDay;
constexpr Duration kIncorrectSpan = std::chrono::minutes(60);
constexpr size_t kIncorrectCount = 5;

Cause CauseOfKind(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdminReset:
      return Cause::kPasswordResetByAdmin;
    case ChangeKind::kSelfReset:
      return Cause::kPasswordReset;
    case ChangeKind::kChange:
      return Cause::kPasswordChanged;
    case ChangeKind::kSync:
      return Cause::kPasswordSynced;
    case ChangeKind::kRevoke:
    case ChangeKind::kForceChange:
    case ChangeKind::kIgnore:
      break;
  }
  return Cause::kSessionsRevoked;
}

Severity OneUp(Severity severity) {
  return severity == Severity::kCritical
             ? severity
             : static_cast<Severity>(static_cast<uint8_t>(severity) + 1);
}

}  // namespace

void Explainer::ForEachChange(const Subject& subject, const Visit& visit) const {
  ForEachHistory(
      subject, *credentials_, *pool_,
      [&](const UserKey& owner, const CredentialLog::History& history, const UserKey* name) {
        for (const Change& change : CredentialLog::Group(history)) {
          const auto first = history.begin() + static_cast<ptrdiff_t>(change.first);
          const bool bears =
              name == nullptr || std::any_of(first, first + static_cast<ptrdiff_t>(change.count),
                                             [&](const CredentialEvent& event) {
                                               return Bears(event, *name, *pool_);
                                             });
          if (bears) visit(owner, history, change);
        }
      });
}

Cause Explainer::CauseOf(const Subject& subject, EventTime watermark) const {
  // Of the changes that explain, the latest that is no `revoke` decides, else the latest `revoke`;
  // of several at one time the strongest kind.
  struct Decider {
    bool revoke = true;
    EventTime time = kBeginningOfTime;
    ChangeKind kind = ChangeKind::kForceChange;
    bool sync_delay = false;
  } decider;
  bool explained = false;
  const EventTime from = subject.start - config_->correlation.lookback;
  const EventTime to = subject.start + config_->time.max_clock_skew;
  ForEachChange(
      subject, [&](const UserKey& owner, const CredentialLog::History&, const Change& change) {
        if (change.kind == ChangeKind::kForceChange || change.time < from || change.time > to)
          return;
        explained = true;
        const bool revoke = change.kind == ChangeKind::kRevoke;
        const bool delay = change.after_bad_password && !owner.by_name();
        // Greater is better: no revoke, later, stronger.
        const auto rank = [](bool is_revoke, EventTime time, ChangeKind kind) {
          return std::tuple(!is_revoke, time, -static_cast<int>(kind));
        };
        const auto mine = rank(revoke, change.time, change.kind);
        const auto best = rank(decider.revoke, decider.time, decider.kind);
        if (mine > best) {
          decider = {revoke, change.time, change.kind, delay};
        } else if (mine == best) {
          decider.sync_delay = decider.sync_delay || delay;
        }
      });
  if (explained) {
    if (decider.kind == ChangeKind::kSync && decider.sync_delay) return Cause::kSyncDelay;
    return CauseOfKind(decider.kind);
  }
  const UserState* state = users_->Find(subject.user);
  if (state != nullptr && state->detail != nullptr) {
    const UserDetail& detail = *state->detail;
    if (detail.expired.CountIn(subject.start - kExpiredSpan, subject.end) > 0) {
      return Cause::kPasswordExpired;
    }
    if (detail.bad_passwords.CountIn(subject.start - kIncorrectSpan, subject.end) >=
        kIncorrectCount) {
      return Cause::kIncorrectPassword;
    }
  }
  if (!subject.closed && watermark <= subject.start + config_->correlation.correlation_grace) {
    return Cause::kPending;
  }
  return subject.guest ? Cause::kHomeTenant : Cause::kUnexplained;
}

std::vector<TicketChange> Explainer::ChangesOf(const Subject& subject) const {
  std::vector<TicketChange> changes;
  const EventTime from = subject.start - config_->correlation.lookback;
  const EventTime cause_end = subject.start + config_->time.max_clock_skew;
  const EventTime to = std::max(subject.end, cause_end);
  ForEachChange(
      subject, [&](const UserKey&, const CredentialLog::History& history, const Change& change) {
        if (change.time < from || change.time > to) return;
        TicketChange shown{.time = change.time,
                           .kind = change.kind,
                           .age_seconds = (subject.start - change.time) / std::chrono::seconds(1),
                           .during = change.time > cause_end,
                           .operations = {},
                           .actor = std::string(pool_->Get(credentials_->ActorOf(history, change))),
                           .record_ids = {}};
        for (size_t i = change.first; i < change.first + change.count; ++i) {
          const std::string operation(pool_->Get(history[i].operation));
          if (std::find(shown.operations.begin(), shown.operations.end(), operation) ==
              shown.operations.end()) {
            shown.operations.push_back(operation);
          }
          if (history[i].record_id != 0) {
            shown.record_ids.emplace_back(ShownText(pool_->Get(history[i].record_id)));
          }
        }
        changes.push_back(std::move(shown));
      });
  const auto order = [](const TicketChange& change) {
    return std::tie(change.time, change.kind, change.record_ids, change.operations, change.actor);
  };
  std::sort(changes.begin(), changes.end(),
            [&](const TicketChange& a, const TicketChange& b) { return order(a) < order(b); });
  return changes;
}

bool Explainer::Unfamiliar(const UserState* state, const Failure& failure, EventTime start) const {
  if (state == nullptr || !failure.has_address || failure.country == 0) return false;
  const CorrelationConfig& config = config_->correlation;
  const std::vector<SpilledDay>* spilled =
      state->detail == nullptr ? nullptr : &state->detail->spilled;
  const auto familiar = [&](SourceKey source) {
    return state->familiar.Familiar(source, start, config.familiar_days, spilled);
  };
  const auto key = [&](TextId text) { return text == 0 ? 0 : HashText64(pool_->Get(text)); };
  if (config.unfamiliar_address && familiar(AddressSource(failure.address()))) return false;
  if (config.unfamiliar_country && familiar(CountrySource(key(failure.country)))) return false;
  if (config.unfamiliar_device && familiar(DeviceSource(key(failure.device)))) return false;
  return state->familiar.AnyAddress(start, config.familiar_days, spilled);
}

void Explainer::CountTenantChanges(TenantIndex tenant, EventTime start, EventTime end,
                                   Ticket* ticket) const {
  const EventTime from = start - kDay;
  std::map<std::string, uint64_t> by_actor;
  for (const UserKey& user : credentials_->UsersIn(tenant, from, end)) {
    const CredentialLog::History& history = *credentials_->Find(user);
    for (const Change& change : CredentialLog::Group(history)) {
      if (change.time < from || change.time > end) continue;
      ++ticket->changes_by_kind[change.kind];
      const TextId actor = credentials_->ActorOf(history, change);
      if (actor != 0) ++by_actor[std::string(pool_->Get(actor))];
    }
  }
  for (const auto& [actor, count] : by_actor) {
    ticket->changes_by_actor.push_back({.id = actor, .name = {}, .count = count});
  }
  std::stable_sort(ticket->changes_by_actor.begin(), ticket->changes_by_actor.end(),
                   [](const Counted& a, const Counted& b) { return a.count > b.count; });
  if (ticket->changes_by_actor.size() > kShownMax) {
    ticket->changes_by_actor.resize(kShownMax);
  }
}

Severity SeverityOf(Cause cause, const Findings& findings, GroupBy scope) {
  if (findings.unfamiliar_source) return Severity::kCritical;
  Severity severity = CauseSeverity(cause);
  if (scope == GroupBy::kTenant && cause != Cause::kMixed) severity = OneUp(severity);
  const int ups = findings.persistent + findings.session_elsewhere + findings.risk_detected +
                  findings.security_info_changed;
  constexpr int kUpsMax = 2;
  for (int i = 0; i < std::min(ups, kUpsMax); ++i) severity = OneUp(severity);
  return severity;
}

}  // namespace signinwatch
