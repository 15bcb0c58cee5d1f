#include "daemon/words/answers.h"

#include <algorithm>
#include <iterator>

#include "daemon/words/phrases.h"

namespace signinwatch::words {
namespace {

// "a, b and c and 2 more": the first kNamesShown of `total`.
template <typename T, typename Words>
std::string Listed(const std::vector<T>& values, uint64_t total, Words words_of) {
  const size_t shown = std::min(values.size(), kNamesShown);
  std::string words;
  for (size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == shown && total == shown;
    words += Join({i == 0 ? "" : last ? " and " : ", ", words_of(values[i])});
  }
  if (shown > 0 && total > shown) words += Join({" and ", std::to_string(total - shown), " more"});
  return words;
}

// What is written where a token says that MFA was passed, and no method is named (SPEC 6.5).
constexpr std::string_view kSatisfiedByClaim = "satisfied by claim";

std::string Password(const Ticket& ticket) {
  if (ticket.scope == GroupBy::kTenant) return "";  // users_by_cause says it
  if (const TicketChange* change = DecidingChange(ticket)) {
    const bool revoked = change->kind == ChangeKind::kRevoke;
    return Join({revoked ? "no change on record, but the sessions were revoked" : "changed",
                 DecidingChangeWords(ticket), ", ", AgeWords(change->age_seconds)});
  }
  if (ticket.cause == Cause::kPasswordExpired) return "expired";
  if (ticket.cause == Cause::kIncorrectPassword) return "not changed; wrong passwords are tried";
  if (ticket.cause == Cause::kUnexplained) return "no change, expiry or wrong password on record";
  return "";
}

std::string Mfa(const Ticket& ticket) {
  const ShownOf<MfaMethod>& mfa = ticket.context.mfa;
  if (mfa.shown.empty()) return "";
  const auto by_claim = [](const MfaMethod& method) { return method.value == kSatisfiedByClaim; };
  std::string words =
      "passed " + Listed(mfa.shown, mfa.total, [&by_claim](const MfaMethod& method) {
        return Join({"by ", by_claim(method) ? "a claim of the session" : Shown(method.value),
                     " on ", DayWords(method.last_day)});
      });
  const bool unnamed = std::all_of(mfa.shown.begin(), mfa.shown.end(), by_claim);
  words += unnamed          ? "; a method is set up, but not named"
           : mfa.total == 1 ? "; the method is set up"
                            : "; the methods are set up";
  if (ticket.context.security_info_changes.total > 0) {
    words += ", unless the change of security info removed it";
  }
  return words;
}

std::string PolicyChangeWords(const AuditChange& change) {
  return Join({Shown(change.operation), change.policy.empty() ? "" : " ", Shown(change.policy),
               " on ", Moment(change.time), change.actor.empty() ? "" : " by ",
               Shown(change.actor)});
}

std::string Refused(const Ticket& ticket) {
  const ConditionalAccessContext& access = ticket.context.conditional_access;
  std::string words =
      Join({"refused ", std::to_string(access.failure), " of ", FailuresWords(ticket.event_count)});
  if (!access.failing_policies.shown.empty()) {
    words +=
        Join({", by ",
              Listed(access.failing_policies.shown, access.failing_policies.total,
                     [](const TextCount& policy) {
                       return Join({Shown(policy.value), " (", std::to_string(policy.count), ")"});
                     })});
  }
  const ShownOf<AuditChange>& changes = ticket.context.policy_changes;
  if (changes.shown.empty()) return words + "; no policy was changed in the 24 hours before";
  return Join({words, "; policies were changed: ", PolicyChangeWords(changes.shown.back()),
               changes.total > 1 ? Join({" and ", std::to_string(changes.total - 1), " earlier"})
                                 : std::string()});
}

std::string ConditionalAccess(const Ticket& ticket) {
  const ConditionalAccessContext& access = ticket.context.conditional_access;
  if (access.failure > 0) return Refused(ticket);
  if (access.success + access.not_applied == 0) return "";
  std::string words = "does not block; its policies were ";
  if (access.success > 0) words += "satisfied in " + FailuresWords(access.success);
  if (access.success > 0 && access.not_applied > 0) words += " and ";
  if (access.not_applied > 0) words += "not applied to " + std::to_string(access.not_applied);
  if (access.unknown > 0) {
    words += Join({", and nothing is recorded for ", std::to_string(access.unknown)});
  }
  return words;
}

std::string Sync(const Ticket& ticket) {
  if (ticket.cause == Cause::kSyncDelay) {
    return "late: the new password was refused before it was synchronised";
  }
  const SyncContext& sync = ticket.context.sync;
  if (!sync.last) return "";
  return Join({"works; ", Plural(sync.last_24h, "password change", "password changes"),
               " came in from 24 hours before the burst to its end, the last on ",
               Moment(*sync.last)});
}

std::string AppWords(const Counted& app) {
  return Join({Shown(app.name.empty() ? app.id : app.name), " (", std::to_string(app.count), ")"});
}

std::string Programs(const Ticket& ticket) {
  std::vector<Counted> still;
  std::vector<Counted> stopped;
  for (const Counted& app : ticket.apps.shown) {
    if (app.last_event_time == kBeginningOfTime) return "";
    (FailsStill(ticket, app) ? still : stopped).push_back(app);
  }
  if (still.empty()) return "";
  const bool open = ticket.state == TicketState::kOpen;
  std::string words =
      Join({Listed(still, still.size(), AppWords), !open              ? " failed to the end"
                                                   : still.size() > 1 ? " still fail"
                                                                      : " still fails"});
  if (!stopped.empty()) {
    words += Join({"; ", Listed(stopped, stopped.size(), [](const Counted& app) {
                     return Join({AppWords(app), " stopped on ", Moment(app.last_event_time)});
                   })});
  }
  const uint64_t unseen = ticket.apps.total - std::min(ticket.apps.total, ticket.apps.shown.size());
  if (unseen > 0) words += Join({"; ", std::to_string(unseen), " more failed"});
  return words;
}

std::string PlaceWords(const SessionPlace& place) {
  return Join({Shown(place.network), " in ", Shown(place.country), " from ",
               Moment(place.first_event_time), " (", std::to_string(place.count), ")"});
}

std::string Session(const Ticket& ticket) {
  const ShownOf<SessionElsewhere>& elsewhere = ticket.context.sessions_elsewhere;
  if (elsewhere.shown.empty()) {
    const uint64_t total = ticket.context.sessions_total;
    if (total == 0) return "";
    if (total == 1) return "the one session was not used from two countries";
    return Join({"none of the ", std::to_string(total), " sessions was used from two countries"});
  }
  const ShownOf<SessionPlace>& places = elsewhere.shown.front().places;
  return Join({elsewhere.total == 1 ? std::string("one was used from two places, ")
                                    : Join({std::to_string(elsewhere.total),
                                            " were used from two places, the first from "}),
               Listed(places.shown, places.total, PlaceWords), "; theft, or a VPN"});
}

std::string RiskEventWords(const RiskEvent& event) {
  std::string how = Shown(event.level);
  if (!event.state.empty()) how += Join({how.empty() ? "" : ", ", Shown(event.state)});
  return Join({Shown(event.type), " on ", Moment(event.time), how.empty() ? "" : " (", how,
               how.empty() ? "" : ")"});
}

std::string Risk(const Ticket& ticket) {
  constexpr const char* kLevels[] = {"", "low", "medium", "high"};  // in SignInRisk's order
  const TicketContext& context = ticket.context;
  if (context.risky_users > 0) {
    return Join({Plural(context.risky_users, "user", "users"),
                 " with sign-ins rated medium or high by Entra"});
  }
  std::string words;
  for (size_t level = context.sign_in_risk.size() - 1; level > 0; --level) {
    if (context.sign_in_risk[level] == 0) continue;
    words += Join({words.empty() ? "Entra rated " : " and ",
                   FailuresWords(context.sign_in_risk[level]), " ", kLevels[level]});
  }
  if (context.risk_events.shown.empty()) return words;
  return Join({words, words.empty() ? "Entra reported " : "; it reported ",
               Listed(context.risk_events.shown, context.risk_events.total, RiskEventWords)});
}

std::string SecurityInfo(const Ticket& ticket) {
  const ShownOf<AuditChange>& changes = ticket.context.security_info_changes;
  return Listed(changes.shown, changes.total, PolicyChangeWords);
}

bool Alarming(GuideQuestion question, const Ticket& ticket) {
  switch (question) {
    case GuideQuestion::kConditionalAccess:
      return ticket.context.conditional_access.failure > 0;
    case GuideQuestion::kSync:
      return ticket.cause == Cause::kSyncDelay;
    case GuideQuestion::kSession:
      return ticket.findings.session_elsewhere;
    case GuideQuestion::kRisk:
      return ticket.findings.risk_detected || ticket.context.risky_users > 0;
    case GuideQuestion::kSecurityInfo:
      return ticket.findings.security_info_changed;
    case GuideQuestion::kPassword:
    case GuideQuestion::kMfa:
    case GuideQuestion::kPrograms:
      break;
  }
  return false;
}

// In the order of GuideQuestion. An empty text: open.
struct QuestionWords {
  const char* name;
  const char* title;
  std::string (*answer)(const Ticket&);
};
constexpr QuestionWords kQuestions[] = {
    {"password", "Password", Password},
    {"mfa", "MFA", Mfa},
    {"conditional_access", "Conditional Access", ConditionalAccess},
    {"sync", "Synchronisation", Sync},
    {"programs", "Programs", Programs},
    {"session", "Sessions", Session},
    {"risk", "Risk", Risk},
    {"security_info", "Security info", SecurityInfo},
};
static_assert(std::size(kQuestions) == kGuideQuestionCount);

const QuestionWords& QuestionWordsOf(GuideQuestion question) {
  return kQuestions[static_cast<size_t>(question)];
}

}  // namespace

const char* GuideQuestionName(GuideQuestion question) { return QuestionWordsOf(question).name; }
const char* GuideQuestionTitle(GuideQuestion question) { return QuestionWordsOf(question).title; }

bool HasContext(const Ticket& ticket) {
  const ConditionalAccessContext& access = ticket.context.conditional_access;
  return access.success + access.failure + access.not_applied + access.unknown > 0;
}

bool FailsStill(const Ticket& ticket, const Counted& app) {
  return app.last_event_time > ticket.last_event_time - ticket.threshold_window;
}

std::optional<GuideAnswer> AnswerTo(GuideQuestion question, const Ticket& ticket) {
  if (!HasContext(ticket)) return std::nullopt;
  std::string text = QuestionWordsOf(question).answer(ticket);
  if (text.empty()) return std::nullopt;
  return GuideAnswer{question, std::move(text), Alarming(question, ticket)};
}

std::vector<GuideAnswer> TicketAnswers(const Ticket& ticket) {
  std::vector<GuideAnswer> answers;
  for (int question = 0; question < kGuideQuestionCount; ++question) {
    std::optional<GuideAnswer> answer = AnswerTo(static_cast<GuideQuestion>(question), ticket);
    if (answer) answers.push_back(*std::move(answer));
  }
  return answers;
}

}  // namespace signinwatch::words
