// The steps are texts with %fields% that the ticket fills in; which steps a ticket gets, and in
// what order, are the tables kUserPlans and kTenantPlans at the end.
//
// Places in the Entra admin center and the commands of Graph, Exchange Online and ADSync are named
// as in Microsoft's documentation of 2025 ("Revoke user access in Microsoft Entra ID", "Responding
// to a compromised email account", "Microsoft Entra Connect Sync: Scheduler").
#include "detectors/runbook.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "detectors/ticket_words.h"

namespace signinwatch {
namespace {

// ---- What the texts can ask of the ticket ----

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

std::string TopApp(const Ticket& ticket) {
  if (ticket.apps.shown.empty()) return "";
  const Counted& app = ticket.apps.shown.front();
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

std::string TopUsers(const Ticket& ticket) {
  if (ticket.users.shown.empty()) return "";
  return Join({"Most affected, with their failures: ",
               CountedWords(ticket.users.shown, ticket.users.total), ". "});
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
               "took effect; still do what is missing of this step. "});
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
    {"who", WhoWords},         {"user", CommandUser},
    {"users", Users},          {"half", Half},
    {"tenant", CommandTenant}, {"failures", Failures},
    {"span", SpanWords},       {"when", DecidingChangeWords},
    {"query", Query},          {"query_key", QueryKey},
    {"evidence", Evidence},    {"top_app", TopApp},
    {"sources", Sources},      {"top_users", TopUsers},
    {"by_cause", ByCause},     {"tenant_changes", TenantChanges},
    {"contained", Contained},  {"unfamiliar", Unfamiliar},
};

// Puts the ticket's values for the %fields% of a text of this file. Values are not looked into, so
// a name with a per cent sign stays as it is.
std::string Fill(std::string_view text, const Ticket& ticket) {
  std::string out;
  while (true) {
    const size_t begin = text.find('%');
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin + 1);
    const std::string_view name = text.substr(0, text.find('%'));
    for (const Field& field : kFields) {
      if (field.name == name) out += field.value(ticket);
    }
    text.remove_prefix(name.size() + 1);
  }
}

// ---- Steps for one user ----

struct StepText {
  const char* title;
  const char* detail;
};

constexpr StepText kAskChanged = {
    "Confirm with the user that the password was changed",
    "Call %who% on a known number, not by mail or chat, and ask whether they changed the "
    "password%when%, and whether they did so because it had expired. If yes, the old sessions "
    "ended as they should, and a device or an app still uses one. If no, take the account for "
    "compromised: revoke its sessions (Revoke-MgUserSignInSession -UserId %user%), reset the "
    "password and hand this ticket to the SOC."};
constexpr StepText kAskSelfReset = {
    "Confirm with the user that they reset the password themselves",
    "Call %who% on a known number and ask whether they used self-service password reset%when%, "
    "and why: forgotten, locked, expired, or changed as a precaution. Entra admin center > Entra "
    "ID > Monitoring & health > Audit logs, service Self-service Password Management, shows which "
    "verification methods were used. If they know nothing of it, take the account for "
    "compromised: revoke its sessions (Revoke-MgUserSignInSession -UserId %user%), reset the "
    "password, remove the methods they don't know and hand this ticket to the SOC."};
constexpr StepText kAskAdminReset = {
    "Confirm that the administrator's reset was meant",
    "An administrator reset the password%when%. This burst is the expected sign that the reset "
    "took effect: sessions from before it are refused. Check with the actor, or in the request "
    "behind it, that it was meant for %who%. If it was containment by the SOC, give no access "
    "back before the SOC agrees. Otherwise ask the user on a known number whether they had asked "
    "for it, or the old password had expired or was changed for another reason, and whether they "
    "have the new one; a temporary password must be changed at the first sign-in. A reset that "
    "nobody ordered goes to the SOC, with the actor."};
constexpr StepText kAskSynced = {
    "Confirm the on-premises password change with the user",
    "Directory synchronisation brought a password that was changed or reset on-premises%when%. "
    "Ask %who% on a known number whether they changed it on a domain computer, or whether it had "
    "expired there. If not, ask the on-premises administrators who reset it (security log of the "
    "domain controllers: event 4723 is a change by the user, 4724 a reset by somebody else); a "
    "change that nobody made goes to the SOC."};
constexpr StepText kSyncLag = {
    "Check the synchronisation and start a cycle by hand",
    "A password that was changed on-premises reached Entra ID late%when%: before that the user "
    "failed with it (error 50126). Entra admin center > Entra ID > Entra Connect > Connect Sync "
    "shows the last synchronisation and the last password hash synchronisation; hashes should go "
    "every 2 minutes, all else every 30. On the Entra Connect server look at Get-ADSyncScheduler "
    "and at Invoke-ADSyncDiagnostics -PasswordSync, then start a cycle by hand: "
    "Start-ADSyncSyncCycle -PolicyType Delta. If the delay comes back, the server's owner has to "
    "find out why."};
constexpr StepText kAskRevoked = {
    "Confirm that the revocation was meant",
    "The sessions of %who% were revoked%when%; the password is still the same. This burst is the "
    "expected sign that the revocation took effect. Check with the actor that it was meant. If it "
    "was containment by the SOC, give no access back before the SOC agrees; if the account was "
    "disabled, leave it so until whoever ordered that decides. Ask the user on a known number "
    "whether they signed out everywhere themselves, and whether the password was also changed or "
    "has expired. A revocation that nobody ordered goes to the SOC."};
constexpr StepText kAskExpired = {
    "Confirm with the user that the password has expired",
    "%who% was refused with error 50055 or 50144: the password has expired, in Entra ID or "
    "on-premises. Ask on a known number whether they were told to change it, and whether they did "
    "since. If not, have them set a new one: https://aka.ms/sspr, or on a domain computer within "
    "the network Ctrl+Alt+Del > Change a password. Get-MgUser -UserId %user% -Property "
    "LastPasswordChangeDateTime | Format-List LastPasswordChangeDateTime shows when it was last "
    "changed."};
constexpr StepText kAskIncorrect = {
    "Find out who tries a wrong password",
    "Around this burst sign-ins of %who% failed with a wrong password (error 50126). Ask on a "
    "known number whether the password was changed or has expired lately, and whether they typed "
    "it wrong. %sources%If the places and devices are the user's, a client holds the old "
    "password: go on with the next steps. If they are not, somebody may be guessing: hand this "
    "ticket to the SOC, and don't unlock the account before it agrees."};
constexpr StepText kAskGuest = {
    "Send the guest to the help desk of the home tenant",
    "%who% is a guest: the account belongs to another tenant. Only the home tenant's help desk can "
    "reset its password or revoke its sessions; this tenant can do neither. Ask the guest on a "
    "known number whether the password was changed or has expired there. Give the home tenant's "
    "help desk the times in this ticket. Entra admin center > Entra ID > Users > %who% > "
    "Identities "
    "shows which tenant that is."};
constexpr StepText kCheckGuest = {
    "Check what this tenant asks of its guests",
    "Entra admin center > Entra ID > Sign-in logs > a failed sign-in > Conditional Access: no "
    "Conditional Access policy blocks the MFA prompt. Entra ID > External Identities > "
    "Cross-tenant "
    "access settings > the home tenant: whether its MFA is trusted; else MFA is set up here, under "
    "Users > %who% > Authentication methods."};
constexpr StepText kGuestSignIn = {
    "Have the guest sign out everywhere and sign in again",
    "When the home tenant has settled it: https://myaccount.microsoft.com > Sign out everywhere, "
    "clear cache and cookies of the browser, sign in with the new password."};
constexpr StepText kGuestAccess = {
    "Check what the guest can reach here",
    "Entra admin center > Entra ID > Users > %who% > Groups, and > Applications. Ask the sponsor "
    "whether the guest still needs it, and remove what is not needed."};
constexpr StepText kContainGuest = {
    "Contain: block the guest in this tenant",
    "Update-MgUser -UserId %user% -AccountEnabled:$false blocks the guest here and nowhere else. "
    "Call the home tenant's help desk or SOC: only they can revoke the sessions and reset the "
    "password. Give access back when they agree."};
constexpr StepText kAskUnexplained = {
    "Then help: ask the user what happened",
    "Call %who% on a known number. Ask whether the password was changed or has expired and where, "
    "which device asks for it, and whether they approved a sign-in or an MFA prompt they did not "
    "start. No change is on record: audit records may be late, and tenants with federation or "
    "pass-through authentication write none for changes made on-premises."};
constexpr StepText kAskPending = {
    "Ask the user, and let the audit log catch up",
    "No change of the password of %who% is known yet. Audit records may come after the sign-ins; "
    "this ticket is updated by itself when one arrives or when the waiting time is over. "
    "Meanwhile ask the user on a known number whether the password was changed or has expired. If "
    "they did nothing, treat this ticket as unexplained: revoke the sessions "
    "(Revoke-MgUserSignInSession -UserId %user%) and call the SOC."};
constexpr StepText kAskMixed = {
    "Find out which cause holds",
    "Ask %who% on a known number whether the password was changed or has expired, and compare the "
    "changes listed in this ticket with the time of the first failure. If none fits, take the "
    "burst for unexplained: revoke the sessions (Revoke-MgUserSignInSession -UserId %user%) and "
    "call the SOC."};
constexpr StepText kCheckAccount = {
    "Check the user, MFA and Conditional Access in the Entra admin center",
    "Entra admin center > Entra ID > Users > All users > %who%: the account is enabled, and the "
    "last password change fits what the user says (Get-MgUser -UserId %user% -Property "
    "AccountEnabled,LastPasswordChangeDateTime | Format-List "
    "AccountEnabled,LastPasswordChangeDateTime). Authentication methods: MFA is set up, with a "
    "method the user has at hand (Get-MgUserAuthenticationMethod -UserId %user%). Sign-in logs > "
    "a failed sign-in > Conditional Access: no Conditional Access policy blocks the MFA prompt; "
    "Entra ID > Conditional Access > Policies > What If shows which one would."};
constexpr StepText kUpdateStored = {
    "Update the password wherever it is stored",
    "%top_app%Enter the new password in mail clients, and on phones and tablets (remove the work "
    "account and add it again where the app does not ask). Remove old entries from Windows "
    "Credential Manager (cmdkey /list) or the macOS keychain, and from browsers, VPN and mapped "
    "drives. Look for scripts, scheduled tasks and services that sign in as the user."};
constexpr StepText kRenewStored = {
    "Renew stored sessions; update the password if it was changed too",
    "%top_app%Open the mail clients and the apps on phones and tablets and sign in where they "
    "ask; remove the work account and add it again where they don't. Scripts and services that "
    "hold a token need a new sign-in. Where the password was changed together with the "
    "revocation, update it wherever it is stored, the credential manager included."};
constexpr StepText kSignInAgain = {
    "Sign out everywhere, then sign in with the new password",
    "Have the user open https://myaccount.microsoft.com > Sign out everywhere, clear cache and "
    "cookies of the browser, close all Office apps and Teams, and then sign in with the new "
    "password and MFA. On Windows lock and unlock with the new password (dsregcmd /status shows "
    "AzureAdPrt : YES when the device has a fresh token); for the Azure CLI az logout, az login."};
constexpr StepText kSignInAgainSame = {
    "Sign out everywhere, then sign in again",
    "Have the user open https://myaccount.microsoft.com > Sign out everywhere, clear cache and "
    "cookies of the browser, close all Office apps and Teams, and then sign in with MFA and the "
    "password as it is, or with the new password if it was changed too. A revocation ends every "
    "session, so each app and device asks once."};
constexpr StepText kCheckSync = {
    "Hybrid tenants: check the synchronisation",
    "Get-MgUser -UserId %user% -Property OnPremisesSyncEnabled,OnPremisesLastSyncDateTime | "
    "Format-List OnPremisesSyncEnabled,OnPremisesLastSyncDateTime says whether the account comes "
    "from on-premises and how fresh it is. If so, look at Entra admin center > Entra ID > Entra "
    "Connect > Connect Sync. If it lags, start a cycle by hand on the Entra Connect server: "
    "Start-ADSyncSyncCycle -PolicyType Delta."};
constexpr StepText kExpiryPolicy = {
    "Find out why the user was not warned in time",
    "Get-MgDomain | Format-Table Id,PasswordValidityPeriodInDays,PasswordNotificationWindowInDays "
    "shows the password policy of cloud accounts; for accounts from on-premises the domain's "
    "policy decides. Report accounts of services that expire to their owner: they need another "
    "kind of credential, not a person's password."};
constexpr StepText kFindClient = {
    "Find the client that keeps failing",
    "The failures go on or keep coming back, so one client has not noticed. "
    "%top_app%%sources%List them: %query% | summarize count() by AppDisplayName, ClientAppUsed, "
    "IPAddress, UserAgent. Take the account off that device, or stop that script or service, "
    "until it has been signed in again."};
constexpr StepText kEscalate = {
    "Escalate with the evidence if it goes on",
    "If failures go on an hour after these steps, escalate to technical support with this "
    "ticket, tenant %tenant%, user %who% (%user%), %failures% %span%, and %evidence%. Query: "
    "%query%"};
constexpr StepText kEscalateNow = {
    "Escalate with the evidence now if the client is not found",
    "This has gone on for long or come back several times. Unless the steps above end it at once, "
    "escalate to technical support with this ticket, tenant %tenant%, user %who% (%user%), "
    "%failures% %span%, and %evidence%. Query: %query%"};

// The SOC's steps for one user.
constexpr StepText kContainSessions = {
    "Contain: revoke all sessions",
    "%contained%Revoke-MgUserSignInSession -UserId %user%, or Entra admin center > Entra ID > "
    "Users > All users > %who% > Revoke sessions. Access tokens that are out stay good for about "
    "an hour; if there are signs of misuse, block the sign-in as well: Update-MgUser -UserId "
    "%user% -AccountEnabled:$false (accounts from on-premises: disable them there)."};
constexpr StepText kContainReset = {
    "Contain: reset the password",
    "Entra admin center > Entra ID > Users > All users > %who% > Reset password, or on-premises "
    "for synchronised accounts, so that synchronisation does not bring the old one back; then "
    "revoke the sessions once more. Hand the new password over in person or by phone after "
    "checking who is there, never by mail or chat."};
constexpr StepText kContainMethods = {
    "Contain: check MFA methods and devices",
    "Get-MgUserAuthenticationMethod -UserId %user%, or Users > All users > %who% > Authentication "
    "methods: remove what the user does not know, and choose Require re-register multifactor "
    "authentication when in doubt. Users > %who% > Devices: disable devices that were registered "
    "lately and that the user does not know."};
constexpr StepText kContainMailbox = {
    "Contain: check inbox rules, forwarding and app consents",
    "Exchange Online PowerShell: Get-InboxRule -Mailbox %user%, and Get-Mailbox %user% | "
    "Format-List ForwardingAddress,ForwardingSmtpAddress. Remove rules that forward, hide or "
    "delete mail. Get-MgUserOauth2PermissionGrant -UserId %user% lists consents given to apps: "
    "remove those that nobody needs."};
constexpr StepText kJudgeSources = {
    "Judge where the failures came from",
    "%unfamiliar%%sources%Compare them with the user's successful sign-ins: union SigninLogs, "
    "AADNonInteractiveUserSignInLogs | where %query_key% and ResultType == \"0\" | summarize "
    "count() by IPAddress, Location, AppDisplayName. A success from one of these sources makes "
    "this an incident: keep the account contained."};

// ---- Steps for a tenant ----

constexpr StepText kTenantChanged = {
    "Confirm with some users why passwords were changed",
    "Found for %half%: they had changed their password before. %tenant_changes%Ask some of the "
    "most affected whether they changed it themselves, whether it had expired, and who told them "
    "to: a campaign, a policy, or a message that may have been phishing. If nobody ordered it, "
    "call the SOC."};
constexpr StepText kTenantSelfReset = {
    "Confirm with some users why they reset their passwords",
    "Found for %half%: they had used self-service password reset. %tenant_changes%Ask some of the "
    "most affected whether they did so, whether the password had expired or was changed as a "
    "precaution, and who told them to. Audit logs, service Self-service Password Management, show "
    "the verification methods. Resets that the users don't know of go to the SOC."};
constexpr StepText kTenantAdminReset = {
    "Confirm that the mass reset was meant",
    "Administrators reset the passwords of %half%. This burst is the expected sign that the reset "
    "took effect: sessions from before it are refused. %tenant_changes%Check with these actors "
    "that it was meant, and for whom. If it was containment by the SOC, give no access back "
    "before the SOC agrees; a reset that nobody ordered is an incident. Ask some users whether "
    "they know that the password was changed, not expired, and have the new one."};
constexpr StepText kTenantSynced = {
    "Confirm the on-premises password changes",
    "Directory synchronisation brought new passwords for %half%. %tenant_changes%Ask the "
    "on-premises administrators whether many passwords were changed or reset there or had expired "
    "at once, and some users whether they know of it."};
constexpr StepText kTenantSyncLag = {
    "Check the synchronisation and start a cycle by hand",
    "Passwords that were changed on-premises reached Entra ID late: they had been refused before, "
    "for %half%. %tenant_changes%Entra admin center > Entra ID > Entra Connect > Connect Sync and "
    "Connect Health show how late it is; hashes should go every 2 minutes. On the Entra Connect "
    "server: Get-ADSyncScheduler, Invoke-ADSyncDiagnostics -PasswordSync, then "
    "Start-ADSyncSyncCycle -PolicyType Delta. Watch that the queue empties."};
constexpr StepText kTenantAskLag = {
    "Confirm with some users when the password was changed",
    "Ask some of the most affected when they changed the password on-premises, or whether it had "
    "expired, and when it began to work in the cloud: the time between is the delay to report."};
constexpr StepText kTenantRevoked = {
    "Confirm that the mass revocation was meant",
    "The sessions of %half% were revoked; their passwords are still the same. This burst is the "
    "expected sign that the revocation took effect. %tenant_changes%Check with these actors that "
    "it was meant. If it was containment by the SOC, give no access back before the SOC agrees; a "
    "revocation that nobody ordered is an incident. Ask some users whether the password was also "
    "changed or has expired."};
constexpr StepText kTenantExpired = {
    "Confirm with some users that their passwords have expired",
    "Found for %half%: they were refused because the password has expired (error 50055, "
    "on-premises 50144). Ask some of the most affected whether they were warned and whether they "
    "changed it since; send all of them to https://aka.ms/sspr or to a domain computer. Many at "
    "one time mean that their passwords were last changed on one day, or that the policy was "
    "changed."};
constexpr StepText kTenantIncorrect = {
    "Find out who tries wrong passwords",
    "Found for %half%: there are sign-ins with a wrong password (error 50126) around this burst. "
    "%sources%Few addresses for many users mean password spraying: block them in Entra ID > "
    "Conditional Access > Named locations and call the SOC. Many addresses that belong to the "
    "users mean that a shared app holds old passwords: ask some users whether theirs was changed "
    "or has expired."};
constexpr StepText kTenantGuests = {
    "Ask the guests' home tenants what happened there",
    "Found for %half%: they are guests, whose passwords and sessions belong to other tenants. Only "
    "a home tenant's help desk can reset or revoke, and what changed there is not seen here. "
    "%top_users%Ask some of them whether their passwords were changed or have expired. Guests of "
    "one partner at one time point to a mass reset or an incident there: call its SOC."};
constexpr StepText kTenantUnexplained = {
    "Then help: ask some users what happened",
    "No change explains the failures of %half%. %tenant_changes%Ask some of the most affected "
    "whether the password was changed or has expired and whether they met unexpected MFA prompts. "
    "With federation or pass-through authentication a change on-premises leaves no audit record "
    "here: ask the on-premises administrators too."};
constexpr StepText kTenantPending = {
    "Ask some users, and let the audit log catch up",
    "The cause is not known yet for %half%; audit records may come after the sign-ins, and this "
    "ticket is updated by itself. %tenant_changes%Meanwhile ask whether a mass reset was planned, "
    "and some of the most affected whether the password was changed or has expired."};
constexpr StepText kTenantMixed = {
    "Take the users apart by cause",
    "No one cause alone holds for %half%. %by_cause%%tenant_changes%Take those that are "
    "unexplained first: revoke their sessions (Revoke-MgUserSignInSession -UserId <id>) and call "
    "the SOC. Ask some users of each other group whether the password was changed or has expired, "
    "and follow the runbooks of the user tickets whose parent_ticket_id is this ticket's id."};
constexpr StepText kTenantCheckAccess = {
    "Check MFA and Conditional Access for the tenant",
    "Entra admin center > Entra ID > Authentication methods > User registration details: MFA is "
    "set up for the affected users. Entra ID > Monitoring & health > Audit logs, service "
    "Conditional Access: which policy changed lately. Sign-in logs > failures %span% > "
    "Conditional Access, and Policies > What If: no Conditional Access policy blocks the MFA "
    "prompt, above all not while many users sign in again."};
constexpr StepText kTenantUsers = {
    "Help the most affected users first",
    "%top_users%Open each in Entra admin center > Entra ID > Users > All users and follow the "
    "user's own ticket; the tickets of this burst carry this ticket's id as parent_ticket_id."};
constexpr StepText kTenantStored = {
    "Have the password updated wherever it is stored",
    "%top_app%Tell users and owners where old passwords hide: mail clients, phones, the "
    "credential manager, browsers; and shared mailboxes, scripts, scheduled tasks and services "
    "that sign in as a person. Where one app holds most of the failures, its owner may be able to "
    "end its sessions for all."};
constexpr StepText kTenantSignIn = {
    "Have the users sign out everywhere and sign in again",
    "In this order: https://myaccount.microsoft.com > Sign out everywhere, clear cache and "
    "cookies, close Office apps and Teams, sign in with the new password (after a revocation "
    "alone: the same one) and MFA. Ask large sites to do it in groups, so that the help desk can "
    "follow."};
constexpr StepText kTenantSync = {
    "Hybrid tenants: check the synchronisation",
    "Get-MgOrganization | Format-List OnPremisesSyncEnabled,OnPremisesLastSyncDateTime, or Entra "
    "admin center > Entra ID > Entra Connect > Connect Sync. If it lags, start a cycle by hand on "
    "the Entra Connect server: Start-ADSyncSyncCycle -PolicyType Delta."};
constexpr StepText kTenantPolicy = {
    "Check the password policy and expiry notifications",
    "Get-MgDomain | Format-Table "
    "Id,PasswordValidityPeriodInDays,PasswordNotificationWindowInDays, Microsoft 365 admin center "
    "> Settings > Org settings > Security & privacy > Password expiration policy, and on-premises "
    "the domain's and the fine-grained policies. See that expiry notifications reach the users in "
    "time, by own mail where the service sends none, and that not everybody's password expires on "
    "the same day."};
constexpr StepText kTenantTell = {
    "Tell the users",
    "Write to the users by a channel they can still read: what happened and when, that they have "
    "to sign in again, where to update the password, whom to call. Put no sign-in link into it "
    "and ask for no password: phishing follows every mass reset. Tell the help desk first."};
constexpr StepText kTenantFindClient = {
    "Find the clients that keep failing",
    "The failures go on or keep coming back. %top_app%%sources%List them: %query% | summarize "
    "failures = count(), users = dcount(UserId) by AppDisplayName, ClientAppUsed, IPAddress. A "
    "gateway, a shared app or a service with old sessions has to be stopped at its owner's."};
constexpr StepText kTenantEscalate = {
    "Escalate with the evidence if it goes on",
    "If the count of failing users has not halved an hour after these steps, escalate to "
    "technical support with this ticket, tenant %tenant%, %failures% of %users% %span%, and "
    "%evidence%. Query: %query%"};
constexpr StepText kTenantEscalateNow = {
    "Escalate with the evidence now if the clients are not found",
    "This has gone on for long or come back several times. Escalate to technical support with "
    "this ticket, tenant %tenant%, %failures% of %users% %span%, and %evidence%. Query: "
    "%query%"};

// The SOC's steps for a tenant.
constexpr StepText kTenantContainSessions = {
    "Contain: revoke the sessions of the affected users",
    "%top_users%Administrators and accounts with access to money or personal data first. For "
    "each: Revoke-MgUserSignInSession -UserId <id>, with the ids under users in this ticket; all "
    "of them: %query% | distinct UserId. Access tokens that are out stay good for about an hour; "
    "where there are signs of misuse, block the sign-in as well."};
constexpr StepText kTenantContainReset = {
    "Contain: reset their passwords",
    "Reset the passwords of the users who know of no change, on-premises for synchronised "
    "accounts, and revoke the sessions once more. Prepare how the new ones are handed over, and "
    "tell the help desk before the users call."};
constexpr StepText kTenantContainMethods = {
    "Contain: check MFA methods, inbox rules and app consents",
    "For the same users: Get-MgUserAuthenticationMethod -UserId <id>, Get-InboxRule -Mailbox "
    "<id>, Get-MgUserOauth2PermissionGrant -UserId <id>. Remove what the users don't know. Audit "
    "logs: methods and consents that were added to many users by one actor or within minutes."};
constexpr StepText kTenantJudgeSources = {
    "Judge where the failures came from",
    "%unfamiliar%%sources%Count them: %query% | summarize users = dcount(UserId) by IPAddress, "
    "AppDisplayName. One source that many users share and nobody knows makes this an incident; "
    "one app of your own points to a change or fault of that app."};

// ---- Which steps, in which order ----

// Steps that are not used are nullptr, behind those that are.
struct Plan {
  Cause cause;
  const StepText* clarify[2];
  const StepText* repair[6];
};

// In the order of Cause. A user's ticket never has the cause kMixed; its row keeps the table whole.
constexpr Plan kUserPlans[] = {
    {Cause::kPasswordChanged,
     {&kAskChanged, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kCheckSync}},
    {Cause::kPasswordReset,
     {&kAskSelfReset, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kCheckSync}},
    {Cause::kPasswordResetByAdmin,
     {&kAskAdminReset, &kCheckAccount},
     {&kSignInAgain, &kUpdateStored, &kCheckSync}},
    {Cause::kPasswordSynced,
     {&kAskSynced, &kCheckSync},
     {&kUpdateStored, &kSignInAgain, &kCheckAccount}},
    {Cause::kSyncDelay, {&kSyncLag, &kAskSynced}, {&kUpdateStored, &kSignInAgain, &kCheckAccount}},
    {Cause::kSessionsRevoked,
     {&kAskRevoked, &kCheckAccount},
     {&kSignInAgainSame, &kRenewStored, &kCheckSync}},
    {Cause::kPasswordExpired,
     {&kAskExpired},
     {&kUpdateStored, &kSignInAgain, &kCheckAccount, &kCheckSync, &kExpiryPolicy}},
    {Cause::kIncorrectPassword,
     {&kAskIncorrect},
     {&kUpdateStored, &kCheckAccount, &kSignInAgain, &kCheckSync}},
    {Cause::kHomeTenant,
     {&kAskGuest, &kCheckGuest},
     {&kUpdateStored, &kGuestSignIn, &kGuestAccess}},
    {Cause::kUnexplained,
     {&kAskUnexplained, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kCheckSync}},
    {Cause::kPending, {&kAskPending, &kCheckAccount}, {&kSignInAgain, &kUpdateStored, &kCheckSync}},
    {Cause::kMixed, {&kAskMixed, &kCheckAccount}, {&kUpdateStored, &kSignInAgain, &kCheckSync}},
};
constexpr Plan kTenantPlans[] = {
    {Cause::kPasswordChanged,
     {&kTenantChanged, &kTenantCheckAccess},
     {&kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantUsers, &kTenantSync, &kTenantPolicy}},
    {Cause::kPasswordReset,
     {&kTenantSelfReset, &kTenantCheckAccess},
     {&kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantUsers, &kTenantSync, &kTenantPolicy}},
    {Cause::kPasswordResetByAdmin,
     {&kTenantAdminReset, &kTenantCheckAccess},
     {&kTenantTell, &kTenantUsers, &kTenantSignIn, &kTenantStored, &kTenantSync, &kTenantPolicy}},
    {Cause::kPasswordSynced,
     {&kTenantSynced, &kTenantSync},
     {&kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantUsers, &kTenantCheckAccess,
      &kTenantPolicy}},
    {Cause::kSyncDelay,
     {&kTenantSyncLag, &kTenantAskLag},
     {&kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantUsers, &kTenantCheckAccess,
      &kTenantPolicy}},
    {Cause::kSessionsRevoked,
     {&kTenantRevoked, &kTenantCheckAccess},
     {&kTenantTell, &kTenantSignIn, &kTenantUsers, &kTenantStored, &kTenantSync, &kTenantPolicy}},
    {Cause::kPasswordExpired,
     {&kTenantExpired, &kTenantPolicy},
     {&kTenantTell, &kTenantUsers, &kTenantStored, &kTenantSignIn, &kTenantCheckAccess,
      &kTenantSync}},
    {Cause::kIncorrectPassword,
     {&kTenantIncorrect, &kTenantCheckAccess},
     {&kTenantStored, &kTenantUsers, &kTenantSignIn, &kTenantTell, &kTenantSync, &kTenantPolicy}},
    {Cause::kHomeTenant,
     {&kTenantGuests, &kTenantCheckAccess},
     {&kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantUsers, &kTenantSync, &kTenantPolicy}},
    {Cause::kUnexplained,
     {&kTenantUnexplained, &kTenantCheckAccess},
     {&kTenantUsers, &kTenantSignIn, &kTenantStored, &kTenantTell, &kTenantSync, &kTenantPolicy}},
    {Cause::kPending,
     {&kTenantPending, &kTenantCheckAccess},
     {&kTenantUsers, &kTenantSignIn, &kTenantStored, &kTenantTell, &kTenantSync, &kTenantPolicy}},
    {Cause::kMixed,
     {&kTenantMixed, &kTenantCheckAccess},
     {&kTenantUsers, &kTenantTell, &kTenantStored, &kTenantSignIn, &kTenantSync, &kTenantPolicy}},
};

constexpr bool InOrder(std::span<const Plan> plans) {
  for (size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].cause != static_cast<Cause>(i)) return false;
  }
  return plans.size() == kCauseCount;
}
static_assert(InOrder(kUserPlans) && InOrder(kTenantPlans));

// What does not depend on the cause. `contain` comes before everything, `persistent` between
// clarifying and repairing.
struct ScopePlan {
  std::span<const Plan> plans;
  const StepText* contain[5];
  const StepText* persistent;
  const StepText* escalate;
  const StepText* escalate_persistent;
};
constexpr ScopePlan kUserScope = {
    kUserPlans,
    {&kContainSessions, &kContainReset, &kContainMethods, &kContainMailbox, &kJudgeSources},
    &kFindClient,
    &kEscalate,
    &kEscalateNow};
constexpr ScopePlan kTenantScope = {
    kTenantPlans,
    {&kTenantContainSessions, &kTenantContainReset, &kTenantContainMethods, &kTenantJudgeSources},
    &kTenantFindClient,
    &kTenantEscalate,
    &kTenantEscalateNow};

}  // namespace

std::vector<RunbookStep> TicketRunbook(const Ticket& ticket) {
  const ScopePlan& scope = ticket.scope == GroupBy::kTenant ? kTenantScope : kUserScope;
  const Plan& plan = scope.plans[static_cast<size_t>(ticket.cause)];
  const bool persistent = ticket.findings.persistent;
  std::vector<RunbookStep> steps;
  const auto add = [&](const StepText* step) {
    if (step != nullptr) steps.push_back({step->title, Fill(step->detail, ticket)});
  };
  // SPEC 7: contain first where somebody else may hold a session.
  const bool guest = ticket.cause == Cause::kHomeTenant && ticket.scope == GroupBy::kUser;
  if (guest && ticket.findings.unfamiliar_source) {
    add(&kContainGuest);
    add(&kContainMailbox);
    add(&kJudgeSources);
  } else if (ticket.findings.unfamiliar_source || ticket.cause == Cause::kUnexplained) {
    std::for_each(std::begin(scope.contain), std::end(scope.contain), add);
  }
  std::for_each(std::begin(plan.clarify), std::end(plan.clarify), add);
  if (persistent) add(scope.persistent);
  std::for_each(std::begin(plan.repair), std::end(plan.repair), add);
  add(persistent ? scope.escalate_persistent : scope.escalate);
  return steps;
}

}  // namespace signinwatch
