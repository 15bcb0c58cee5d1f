#include <iterator>
#include <optional>

#include "daemon/words/answers.h"
#include "daemon/words/phrases.h"

namespace signinwatch::words {
namespace {

// How each cause is told; in the order of Cause. The first two end a title ("Sign-ins of X fail
// ..."), of a user's and of a tenant's ticket. `story` begins the sentence on a user's burst; the
// deciding change's time, actor and age follow it, then `meaning`.
struct CauseWords {
  const char* user_title;
  const char* tenant_title;
  const char* story;
  const char* meaning;
};
constexpr CauseWords kCauseWords[] = {
    {"after the user changed the password", "mostly after users changed their passwords",
     "The password was changed", ""},
    {"after a self-service password reset", "mostly after self-service password resets",
     "The password was reset by self-service", ""},
    {"after a password reset by an administrator", "mostly after password resets by administrators",
     "The password was reset by an administrator",
     ": the burst is the expected sign that the reset took effect"},
    {"after a password change was synchronised from on-premises",
     "mostly after password changes were synchronised from on-premises",
     "A password changed on-premises was synchronised", ""},
    {"after a password change was synchronised late",
     "mostly after password changes were synchronised late",
     "After the user had failed with it, a password changed on-premises was synchronised", ""},
    {"after the sessions were revoked", "mostly after sessions were revoked",
     "The user's sessions were revoked",
     ": the burst is the expected sign that the revocation took effect. In federated tenants a "
     "revocation may be all that is seen of a password change"},
    {"because the password has expired", "mostly because passwords have expired",
     "No password change explains the burst, and the user was refused because the password has "
     "expired",
     ""},
    {"while wrong passwords are tried", "mostly while wrong passwords are tried",
     "No password change explains the burst, and sign-ins of the user with a wrong password "
     "surround it",
     ""},
    {", and only the guest's home tenant can say why",
     "mostly of guests whose home tenants alone can say why",
     "The user is a guest, and sessions of guests end with changes in their home tenant, which are "
     "not seen here",
     ""},
    {", and no password change explains it", "mostly without a password change that explains it",
     "No password change, expiry or wrong password explains the burst", ""},
    {", and the cause is not known yet", ", and the cause is mostly not known yet",
     "The cause is not known yet: the audit record of a change may still arrive", ""},
    {"for several reasons", "for several reasons", "The burst has several causes", ""},
};
static_assert(std::size(kCauseWords) == kCauseCount);

const CauseWords& WordsOf(Cause cause) { return kCauseWords[static_cast<size_t>(cause)]; }

std::string FindingsTail(const Findings& findings) {
  std::string words;
  for (const FindingName& finding : kFindingNames) {
    if (!(findings.*finding.holds)) continue;
    words += Join({words.empty() ? " (" : ", ", FindingWords(finding.name)});
  }
  return words.empty() ? words : words + ")";
}

std::string CountSentence(const Ticket& ticket) {
  const std::string users = ticket.scope == GroupBy::kTenant && ticket.distinct_users > 0
                                ? Plural(ticket.distinct_users, "user", "users") + " of "
                                : "";
  std::string sentence = Join({FailuresWords(ticket.event_count), " of ", users, WhoWords(ticket),
                               " ", SpanWords(ticket), ", by code ", CodesWords(ticket)});
  if (ticket.reopened > 0) {
    sentence += Join({" (reopened ", Plural(ticket.reopened, "time", "times"), ", ",
                      FailuresWords(ticket.total_event_count), " in all)"});
  }
  return sentence + ".";
}

std::string UserCauseSentence(const Ticket& ticket) {
  const CauseWords& words = WordsOf(ticket.cause);
  std::string sentence = words.story + DecidingChangeWords(ticket);
  if (const TicketChange* change = DecidingChange(ticket)) {
    sentence += Join({", ", AgeWords(change->age_seconds)});
  }
  return Join({sentence, words.meaning, "."});
}

std::string TenantCauseSentence(const Ticket& ticket) {
  std::string sentence = "The cause is not known yet";
  if (ticket.cause == Cause::kMixed) {
    sentence = "No one cause alone holds for at least half of the users";
  } else if (ticket.cause != Cause::kPending) {
    sentence = Join({"The cause is ", CauseName(ticket.cause), " for at least half of the users"});
  }
  if (!ticket.users_by_cause.empty()) {
    sentence += Join({" (users by cause: ", CausesWords(ticket.users_by_cause), ")"});
  }
  if (!ticket.changes_by_kind.empty()) {
    sentence += Join(
        {"; changes in the tenant from 24 hours before: ", KindsWords(ticket.changes_by_kind)});
  }
  if (!ticket.changes_by_actor.empty()) {
    sentence +=
        Join({", by ", CountedWords(ticket.changes_by_actor, ticket.changes_by_actor.size())});
  }
  return Join({sentence, WordsOf(ticket.cause).meaning, "."});
}

// What the records answer beside the cause, with an end and a blank. What raises the severity or
// refuses is told; what is as it should be stands in the runbook.
std::string AnswersSentence(const Ticket& ticket) {
  std::string sentence;
  for (const GuideQuestion question :
       {GuideQuestion::kMfa, GuideQuestion::kConditionalAccess, GuideQuestion::kSession,
        GuideQuestion::kRisk, GuideQuestion::kSecurityInfo}) {
    const std::optional<GuideAnswer> answer = AnswerTo(question, ticket);
    if (!answer || (!answer->alarming && question != GuideQuestion::kMfa)) continue;
    sentence += Join({GuideQuestionTitle(question), ": ", answer->text, ". "});
  }
  return sentence;
}

std::string StateWords(const Ticket& ticket) {
  const bool tenant = ticket.scope == GroupBy::kTenant;
  if (ticket.state == TicketState::kOpen) return "the burst is still open";
  if (ticket.state == TicketState::kMerged) {
    return Join({"merged into ticket ", ticket.merged_into});
  }
  if (ticket.resolution != Resolution::kReauthenticated) return "resolved: the failures stopped";
  if (tenant) return "resolved: at least half of the users signed in again";
  if (!ticket.reauthenticated_at) return "resolved: the user signed in again";
  return Join({"resolved: the user signed in again at ", Moment(*ticket.reauthenticated_at)});
}

std::string StateSentence(const Ticket& ticket) {
  std::string sentence;
  if (ticket.findings.unfamiliar_source) {
    sentence +=
        "some failures came from a source that is unfamiliar for the user, so somebody else may "
        "hold the session; ";
  }
  if (ticket.findings.session_elsewhere) {
    sentence += "a session was used from two places, so it may be stolen; ";
  }
  if (ticket.findings.risk_detected) {
    sentence += "Entra rates a sign-in as risky, or reports a risk that points to theft; ";
  }
  if (ticket.findings.security_info_changed) {
    sentence += "security info of the user was changed around the burst; ";
  }
  if (ticket.findings.persistent) {
    sentence += "the failures persist or keep coming back; ";
  }
  sentence += StateWords(ticket) + ".";
  sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  return sentence;
}

}  // namespace

std::string TicketTitle(const Ticket& ticket) {
  const bool tenant = ticket.scope == GroupBy::kTenant;
  const CauseWords& words = WordsOf(ticket.cause);
  const char* verb = ticket.state == TicketState::kOpen ? " fail" : " failed";
  const std::string users = tenant && ticket.distinct_users > 0
                                ? Plural(ticket.distinct_users, "user", "users") + " of "
                                : "";
  const std::string_view why = tenant ? words.tenant_title : words.user_title;
  return Join({"Sign-ins of ", users, WhoWords(ticket), verb, why.starts_with(',') ? "" : " ", why,
               FindingsTail(ticket.findings)});
}

std::string TicketSummary(const Ticket& ticket) {
  const bool tenant = ticket.scope == GroupBy::kTenant;
  return Join({CountSentence(ticket), " ",
               tenant ? TenantCauseSentence(ticket) : UserCauseSentence(ticket), " ",
               AnswersSentence(ticket), StateSentence(ticket)});
}

}  // namespace signinwatch::words
