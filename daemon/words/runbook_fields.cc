#include "daemon/words/runbook_fields.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "daemon/words/answers.h"
#include "daemon/words/phrases.h"
#include "parser/ascii.h"

namespace signinwatch::words {
namespace {

// Ids and names come from records, and people paste commands: text that a shell or a query could
// take for more than one word is not put into either.
bool SafeInCommand(std::string_view text) {
  constexpr size_t kBytesMax = 128;
  const auto alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const auto safe = [&](char c) {
    return alnum(c) || std::string_view("-_.@#").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kBytesMax && alnum(text.front()) &&
         std::all_of(text.begin(), text.end(), safe);
}

std::string CommandUser(const Ticket& ticket) {
  if (SafeInCommand(ticket.user_id)) return ticket.user_id;
  if (SafeInCommand(ticket.user_principal_name)) return ticket.user_principal_name;
  return "<object id of the user>";
}

std::string CommandTenant(const Ticket& ticket) {
  return SafeInCommand(ticket.tenant_id) ? ticket.tenant_id : "<tenant id>";
}

// KQL's condition for the ticket's user or tenant.
std::string QueryKey(const Ticket& ticket) {
  if (ticket.scope == GroupBy::kTenant) {
    return Join({"AADTenantId == \"", CommandTenant(ticket), "\""});
  }
  const bool by_name = !SafeInCommand(ticket.user_id) && SafeInCommand(ticket.user_principal_name);
  return Join({by_name ? "UserPrincipalName =~ \"" : "UserId == \"", CommandUser(ticket), "\""});
}

// KQL for the burst's failures, on the tables that Entra's diagnostic settings fill. Only columns
// that have the same type in both tables are used here and in the texts. The tables keep ten times
// finer times than the ticket, so the span ends a microsecond later.
std::string Query(const Ticket& ticket) {
  std::string codes;
  for (const auto& [code, count] : ticket.codes) {
    codes += Join({codes.empty() ? "\"" : ", \"", std::to_string(code), "\""});
  }
  return Join(
      {"union SigninLogs, AADNonInteractiveUserSignInLogs | where CreatedDateTime between "
       "(datetime(",
       FormatEventTime(ticket.first_event_time), ") .. datetime(",
       FormatEventTime(ticket.last_event_time + Duration(1)), ")) and ", QueryKey(ticket),
       " and ResultType in (", codes, ")"});
}

// "MFA: passed by ...", with an end and a blank; empty: the records leave it open.
std::string AnswerSentence(GuideQuestion question, const Ticket& ticket) {
  const std::optional<GuideAnswer> answer = AnswerTo(question, ticket);
  if (!answer) return "";
  return Join({GuideQuestionTitle(question), ": ", answer->text, ". "});
}

// Where nothing is known, or a person has to see what is known.
bool AskMfa(const Ticket& ticket) {
  return !AnswerTo(GuideQuestion::kMfa, ticket) || ticket.context.security_info_changes.total > 0;
}
bool AskAccess(const Ticket& ticket) {
  const std::optional<GuideAnswer> answer = AnswerTo(GuideQuestion::kConditionalAccess, ticket);
  return !answer || answer->alarming;
}

// What is left to be checked in the admin center.
std::string ToCheck(const Ticket& ticket) {
  const bool mfa = AskMfa(ticket);
  const bool access = AskAccess(ticket);
  return Join({"the user", mfa && access ? ", MFA and Conditional Access"
                           : mfa         ? " and MFA"
                           : access      ? " and Conditional Access"
                                         : ""});
}

std::string AndAccess(const Ticket& ticket) {
  return AskAccess(ticket) ? " and Conditional Access" : "";
}

std::string MfaWords(const Ticket& ticket) {
  std::string words = AnswerSentence(GuideQuestion::kMfa, ticket);
  if (!words.empty()) words += "That is what the user's own successful sign-ins say. ";
  if (!AskMfa(ticket)) return words;
  if (words.empty() && HasContext(ticket)) words = "MFA: not seen in the days before the burst. ";
  return Join({words,
               "Authentication methods: MFA is set up, with a method the user has at hand "
               "(Get-MgUserAuthenticationMethod -UserId ",
               CommandUser(ticket), "). "});
}

std::string AccessWords(const Ticket& ticket) {
  const std::string words = AnswerSentence(GuideQuestion::kConditionalAccess, ticket);
  if (words.empty()) {
    return "Sign-in logs > a failed sign-in > Conditional Access: no Conditional Access policy "
           "blocks the MFA prompt. Entra ID > Conditional Access > Policies > What If shows which "
           "one would. ";
  }
  const bool refused = AskAccess(ticket);
  return Join({words, refused ? "Entra ID > Conditional Access > Policies: see whether this policy "
                                "blocks the MFA prompt, or asks for what the client can't give. "
                              : "That is what the failed sign-ins themselves say. "});
}

std::string SyncWords(const Ticket& ticket) { return AnswerSentence(GuideQuestion::kSync, ticket); }
std::string SessionWords(const Ticket& ticket) {
  return AnswerSentence(GuideQuestion::kSession, ticket);
}
std::string RiskWords(const Ticket& ticket) { return AnswerSentence(GuideQuestion::kRisk, ticket); }

std::string SecurityInfoWords(const Ticket& ticket) {
  const std::string words = AnswerSentence(GuideQuestion::kSecurityInfo, ticket);
  if (!words.empty()) return words + "Ask the user whether that was them. ";
  if (!HasContext(ticket)) return "";
  return "Security info: no change on record from 24 hours before the burst to its end. ";
}

std::string FailingPrograms(const Ticket& ticket) {
  return AnswerSentence(GuideQuestion::kPrograms, ticket);
}

std::string HomeTenant(const Ticket& ticket) {
  if (ticket.context.home_tenant_id.empty()) return "";
  return Join({"The home tenant is ", Shown(ticket.context.home_tenant_id), ". "});
}

// The most failures among the programs that fail still: a client that has stopped needs no help.
const Counted& AppToBeginWith(const Ticket& ticket) {
  const auto& apps = ticket.apps.shown;
  const auto still = std::find_if(
      apps.begin(), apps.end(), [&ticket](const Counted& app) { return FailsStill(ticket, app); });
  return still == apps.end() ? apps.front() : *still;
}

std::string TopApp(const Ticket& ticket) {
  if (ticket.apps.shown.empty()) return "";
  const Counted& app = AppToBeginWith(ticket);
  std::string name = Shown(app.name.empty() ? app.id : app.name);
  if (!app.name.empty() && !app.id.empty()) name += Join({" (app id ", Shown(app.id), ")"});
  return Join({"Begin with ", name, ": ", std::to_string(app.count), " of ",
               FailuresWords(ticket.event_count), " came through it. "});
}

std::string Sources(const Ticket& ticket) {
  std::string words;
  const auto add = [&](const char* what, const CountedList& list) {
    if (list.shown.empty()) return;
    words += Join({words.empty() ? "" : "; ", what, CountedWords(list.shown, list.total)});
  };
  add("countries ", ticket.countries);
  add("addresses ", ticket.ip_addresses);
  add("devices ", ticket.devices);
  return words.empty() ? "" : Join({"The failures came from: ", words, ". "});
}

// "ada@contoso.example (9, unexplained)": the first of a tenant's users, and why each fails.
std::string TopUsers(const Ticket& ticket) {
  if (ticket.users.shown.empty()) return "";
  std::string words = "Most affected, with their failures and causes: ";
  const size_t shown = std::min(ticket.users.shown.size(), kNamesShown);
  for (size_t i = 0; i < shown; ++i) {
    const Counted& user = ticket.users.shown[i];
    words += Join({i == 0 ? "" : ", ", Shown(user.name.empty() ? user.id : user.name), " (",
                   std::to_string(user.count), ", ", CauseName(user.cause), ")"});
  }
  if (ticket.users.total > shown) {
    words += Join({" and ", std::to_string(ticket.users.total - shown), " more"});
  }
  return words + ". ";
}

std::string UnexplainedUsers(const Ticket& ticket) {
  std::vector<Counted> unexplained;
  std::copy_if(ticket.users.shown.begin(), ticket.users.shown.end(),
               std::back_inserter(unexplained),
               [](const Counted& user) { return user.cause == Cause::kUnexplained; });
  if (unexplained.empty()) return "";
  return Join({"Unexplained among the most affected: ",
               CountedWords(unexplained, unexplained.size()), ". "});
}

// Of a tenant's changes the most frequent actor, where that is no person: people are shown by their
// user principal names.
std::string AppActor(const Ticket& ticket) {
  if (ticket.changes_by_actor.empty()) return "No actor is recorded. ";
  const Counted& actor = ticket.changes_by_actor.front();
  return Join({"Most of the changes were made by ", Shown(actor.id), " (",
               std::to_string(actor.count), "), which is no administrator by name. "});
}

// Entra names guests user_home.example#EXT#@tenant.example.
std::string HomeDomain(const Ticket& ticket) {
  constexpr std::string_view kMark = "#ext#";
  const std::string_view name = ticket.user_principal_name;
  for (size_t at = 0; at < name.size(); ++at) {
    if (!EqualsWithoutCase(name.substr(at, kMark.size()), kMark)) continue;
    const size_t domain = name.rfind('_', at);
    if (domain == std::string_view::npos) return "";
    const std::string_view home = name.substr(domain + 1, at - domain - 1);
    if (!SafeInCommand(home)) return "";
    return Join({"By the user's name the home tenant is ", home, ". "});
  }
  return "";
}

std::string ByCause(const Ticket& ticket) {
  if (ticket.users_by_cause.empty()) return "";
  return Join({"Users by cause: ", CausesWords(ticket.users_by_cause), ". "});
}

std::string TenantChanges(const Ticket& ticket) {
  if (ticket.changes_by_kind.empty()) return "";
  const std::span<const Counted> actors = ticket.changes_by_actor;
  return Join({"Changes in the tenant in the 24 hours before the burst and during it: ",
               KindsWords(ticket.changes_by_kind), actors.empty() ? "" : "; made by ",
               CountedWords(actors, actors.size()), ". "});
}

// Said before a step that contains what may be contained already.
std::string Contained(const Ticket& ticket) {
  const bool reset = ticket.cause == Cause::kPasswordResetByAdmin;
  if (!reset && ticket.cause != Cause::kSessionsRevoked) return "";
  return Join({reset ? "The password was reset" : "The sessions were revoked",
               DecidingChangeWords(ticket),
               ": if that was the SOC's own containment, this burst is the expected sign that it "
               "took effect. Still do what is missing of this step. "});
}

std::string Unfamiliar(const Ticket& ticket) {
  if (!ticket.findings.unfamiliar_source) return "";
  return "At least one failure came from a source that is not familiar for the user; its records "
         "stand first under evidence. ";
}

std::string Evidence(const Ticket& ticket) {
  if (ticket.evidence.empty()) return "the records that the query finds";
  return Join({"the ",
               Plural(ticket.evidence.size(), "sign-in record whose id is",
                      "sign-in records whose ids are"),
               " listed under evidence"});
}

std::string Failures(const Ticket& ticket) { return FailuresWords(ticket.event_count); }
std::string Users(const Ticket& ticket) { return Plural(ticket.distinct_users, "user", "users"); }
// Whom a tenant's cause speaks of (SPEC 6.3).
std::string Half(const Ticket& ticket) {
  if (ticket.distinct_users < 2) return "the affected users";
  return Join({"at least half of the ", Users(ticket)});
}

struct Field {
  std::string_view name;
  std::string (*value)(const Ticket&);
};
// Sentences (those from top_app on) end in a blank, or are empty when there is nothing to say.
constexpr Field kFields[] = {
    {"who", WhoWords},
    {"user", CommandUser},
    {"users", Users},
    {"half", Half},
    {"tenant", CommandTenant},
    {"failures", Failures},
    {"span", SpanWords},
    {"when", DecidingChangeWords},
    {"query", Query},
    {"query_key", QueryKey},
    {"evidence", Evidence},
    {"top_app", TopApp},
    {"sources", Sources},
    {"top_users", TopUsers},
    {"by_cause", ByCause},
    {"tenant_changes", TenantChanges},
    {"contained", Contained},
    {"unfamiliar", Unfamiliar},
    {"app_actor", AppActor},
    {"home_domain", HomeDomain},
    {"home_tenant", HomeTenant},
    {"to_check", ToCheck},
    {"and_access", AndAccess},
    {"mfa", MfaWords},
    {"access", AccessWords},
    {"sync", SyncWords},
    {"session", SessionWords},
    {"risk", RiskWords},
    {"security_info", SecurityInfoWords},
    {"programs", FailingPrograms},
    {"unexplained_users", UnexplainedUsers},
};

}  // namespace

std::string FillStep(std::string_view text, const Ticket& ticket) {
  std::string out;
  while (true) {
    const size_t begin = text.find('%');
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin + 1);
    const std::string_view name = text.substr(0, text.find('%'));
    for (const Field& field : kFields) {
      if (field.name == name) out += field.value(ticket);
    }
    text.remove_prefix(name.size() + 1);
  }
  if (out.ends_with(' ')) out.pop_back();  // a sentence of a field was the last
  return out;
}

}  // namespace signinwatch::words
