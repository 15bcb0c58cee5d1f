// The steps for one user.
#include "daemon/words/runbook_plan.h"

namespace signinwatch::words {
namespace {

constexpr StepText kAskChanged = {
    "Confirm with the user that the password was changed",
    "Call %who% on a known number, not by mail or chat. Ask whether they changed the "
    "password%when%, and whether it had expired. If yes, all is well: the old sessions ended, "
    "and a device or an app still uses one. If no, treat the account as compromised: revoke its "
    "sessions (Revoke-MgUserSignInSession -UserId %user%), reset the password and call the SOC."};
constexpr StepText kAskSelfReset = {
    "Confirm with the user that they reset the password themselves",
    "Call %who% on a known number. Ask whether they used self-service password reset%when%, and "
    "why: forgotten, locked out, expired, or changed as a precaution. Entra admin center > "
    "Entra ID > Monitoring & health > Audit logs, service Self-service Password Management, "
    "shows the verification methods. If the user knows nothing of it, treat the account as "
    "compromised: revoke its sessions (Revoke-MgUserSignInSession -UserId %user%), reset the "
    "password, remove unknown methods and call the SOC. Without password writeback a "
    "synchronised account keeps its old password on-premises: change it there too."};
constexpr StepText kAskAdminReset = {
    "Confirm that the administrator's reset was meant",
    "An administrator reset the password%when%. This burst is the expected sign that the reset "
    "took effect: older sessions are refused. Ask the actor whether it was meant for %who%. If "
    "the SOC did it to contain an incident, give no access back before the SOC agrees. "
    "Otherwise call the user on a known number. Ask whether they wanted the reset, whether the "
    "old password had expired or was changed, and whether they have the new one. A temporary "
    "password must be changed at the first sign-in. Without password writeback a synchronised "
    "account keeps its old password on-premises: reset it there too. A reset that nobody "
    "ordered goes to the SOC, with the actor."};
constexpr StepText kAskSynced = {
    "Confirm the on-premises password change with the user",
    "Directory synchronisation brought a password change from on-premises%when%. Ask %who% on a "
    "known number whether they changed it on a domain computer, or whether it had expired. If "
    "not, ask the on-premises administrators who reset it. The domain controllers' security log "
    "has event 4723 for a change by the user, 4724 for a reset by somebody else. A change that "
    "nobody made goes to the SOC."};
constexpr StepText kSyncLag = {
    "Check the synchronisation and start a cycle by hand",
    "A password that was changed on-premises reached Entra ID late%when%: the user had failed "
    "with it before (error 50126). Entra admin center > Entra ID > Entra Connect > Connect Sync "
    "shows the last synchronisation. Password hashes should go every 2 minutes, all else every "
    "30. On the Entra Connect server run Get-ADSyncScheduler and Invoke-ADSyncDiagnostics "
    "-PasswordSync. Then start a cycle by hand: Start-ADSyncSyncCycle -PolicyType Delta. With "
    "Cloud Sync: Entra Connect > Cloud Sync > the configuration > Provision on demand. If the "
    "delay comes back, the server's owner has to find out why."};
constexpr StepText kAskRevoked = {
    "Confirm that the revocation was meant",
    "The sessions of %who% were revoked%when%. This burst is the expected sign that the "
    "revocation took effect. With federation or pass-through authentication, a revocation may "
    "be all that is seen of a password change. So call the user on a known number: was the "
    "password changed, or has it expired? Did they sign out everywhere themselves? Ask the "
    "actor whether the revocation was meant. If the SOC did it, give no access back before the "
    "SOC agrees. If the account was disabled, leave it so until whoever ordered that decides. A "
    "revocation that nobody ordered goes to the SOC."};
constexpr StepText kAskExpired = {
    "Confirm with the user that the password has expired",
    "%who% was refused with error 50055 or 50144: the password has expired, in Entra ID or "
    "on-premises. Ask on a known number whether they were told to change it, and whether they "
    "did since. If not, have them set a new one at https://aka.ms/sspr, or on a domain computer "
    "by Ctrl+Alt+Del > Change a password. When it was last changed: Get-MgUser -UserId %user% "
    "-Property LastPasswordChangeDateTime | Format-List LastPasswordChangeDateTime."};
constexpr StepText kAskIncorrect = {
    "Find out who tries a wrong password",
    "Sign-ins of %who% failed with a wrong password (error 50126) around this burst. Ask on a "
    "known number whether the password was changed or has expired, and whether they mistyped "
    "it. %sources%If the places and devices are the user's, a client holds the old password: go "
    "on with the next steps. If not, somebody may be guessing: call the SOC, and don't unlock "
    "the account before it agrees."};
constexpr StepText kAskGuest = {
    "Send the guest to the help desk of the home tenant",
    "%who% is a guest: the account belongs to another tenant. %home_domain%%home_tenant%Only the "
    "home "
    "tenant's help desk can reset its password or revoke its sessions; this tenant can do "
    "neither. Call the guest on a known number. Ask whether the password was changed or has "
    "expired at home, and send them to that help desk with the times of this ticket. Entra "
    "admin center > Entra ID > Users > %who% > Identities shows where the account comes from."};
constexpr StepText kCheckGuest = {
    "Check what this tenant asks of its guests",
    "Entra admin center > Entra ID > External Identities > Cross-tenant access settings: whether "
    "MFA of the home tenant is trusted. If it is not, see that MFA is set up here: Users > %who% > "
    "Authentication methods. %access%%security_info%"};
constexpr StepText kGuestSignIn = {
    "Have the guest sign out everywhere and sign in again",
    "When the home tenant's help desk is done: https://myaccount.microsoft.com > Sign out "
    "everywhere. Clear cache and cookies of the browser. Sign in with the new password and MFA."};
constexpr StepText kGuestAccess = {
    "Check what the guest can reach here",
    "Entra admin center > Entra ID > Users > %who% > Groups, and > Applications. Ask the "
    "sponsor whether the guest still needs it. Remove what is not needed."};
constexpr StepText kAskUnexplained = {
    "Then help: ask the user what happened",
    "Call %who% on a known number. Ask whether the password was changed or has expired, and "
    "where. Ask which device asks for it, and whether they approved a sign-in or an MFA prompt "
    "they did not start. No change is on record here. Audit records may be late. With "
    "federation or pass-through authentication a change on-premises may leave none."};
constexpr StepText kAskPending = {
    "Ask the user, and let the audit log catch up",
    "No change of the password of %who% is known yet. Audit records may come after the "
    "sign-ins. This ticket is updated by itself when one arrives, or when the waiting time is "
    "over. Meanwhile ask the user on a known number whether the password was changed or has "
    "expired. If they did nothing, treat this ticket as unexplained: revoke the sessions "
    "(Revoke-MgUserSignInSession -UserId %user%) and call the SOC."};
constexpr StepText kAskMixed = {
    "Find out which cause holds",
    "Ask %who% on a known number whether the password was changed or has expired. Compare the "
    "changes in this ticket with the time of the first failure. If none fits, treat the burst "
    "as unexplained: revoke the sessions (Revoke-MgUserSignInSession -UserId %user%) and call "
    "the SOC."};
constexpr StepText kCheckAccount = {
    "Check %to_check% in the Entra admin center",
    "Entra admin center > Entra ID > Users > All users > %who%: the account is enabled, and the "
    "last password change fits what the user says. Or: Get-MgUser -UserId %user% -Property "
    "AccountEnabled,LastPasswordChangeDateTime | Format-List "
    "AccountEnabled,LastPasswordChangeDateTime. %mfa%%access%"};
constexpr StepText kUpdateStored = {
    "Update the password wherever it is stored",
    "%top_app%%programs%Enter the new password in mail clients, and on phones and tablets. Where "
    "an app "
    "does not ask, remove the work account and add it again. Remove old entries from Windows "
    "Credential Manager (cmdkey /list) or the macOS keychain, and from browsers, VPN and mapped "
    "drives. Look for scripts, scheduled tasks and services that sign in as the user. Power "
    "Platform: make.powerautomate.com > Connections > Fix connection; only the connection's "
    "owner can do it. Teams Rooms and meeting-room phones: sign in again on the device."};
constexpr StepText kRenewStored = {
    "Renew stored sessions; update the password if it was changed too",
    "%top_app%%programs%Open the mail clients and the apps on phones and tablets, and sign in "
    "where they "
    "ask. Where they don't, remove the work account and add it again. Scripts and services that "
    "hold a token need a new sign-in. Power Platform: make.powerautomate.com > Connections > "
    "Fix connection; only the connection's owner can do it. Teams Rooms and meeting-room "
    "phones: sign in again on the device. If the password was changed too, update it wherever "
    "it is stored, the credential manager included."};
constexpr StepText kSignInAgain = {
    "Sign out everywhere, then sign in with the new password",
    "Have the user open https://myaccount.microsoft.com > Sign out everywhere. Clear cache and "
    "cookies of the browser. Close all Office apps and Teams. Then sign in with the new "
    "password and MFA. On Windows lock and unlock with the new password. dsregcmd /status shows "
    "AzureAdPrt : YES when the device has a fresh token. Azure CLI: az logout, then az login."};
constexpr StepText kSignInAgainSame = {
    "Sign out everywhere, then sign in again",
    "Have the user open https://myaccount.microsoft.com > Sign out everywhere. Clear cache and "
    "cookies of the browser. Close all Office apps and Teams. Then sign in with MFA and the "
    "password, or with the new password if it was changed too. A revocation ends every session, "
    "so each app and device asks once."};
constexpr StepText kSyncRuns = {
    "Synchronisation works: nothing to do unless this user's change is missing",
    "%sync%That is what the audit log says. If a change that this user made on-premises is not "
    "among the changes of this ticket, start a cycle by hand on the Entra Connect server: "
    "Start-ADSyncSyncCycle -PolicyType Delta."};
constexpr StepText kCheckSync = {
    "Hybrid tenants: check the synchronisation",
    "Get-MgUser -UserId %user% -Property OnPremisesSyncEnabled,OnPremisesLastSyncDateTime | "
    "Format-List OnPremisesSyncEnabled,OnPremisesLastSyncDateTime says whether the account "
    "comes from on-premises, and how fresh it is. If it does, look at Entra admin center > "
    "Entra ID > Entra Connect > Connect Sync. If it lags, start a cycle by hand on the Entra "
    "Connect server: Start-ADSyncSyncCycle -PolicyType Delta.",
    &kSyncRuns, GuideQuestion::kSync};
constexpr StepText kExpiryPolicy = {
    "Find out why the user was not warned in time",
    "Get-MgDomain | Format-Table "
    "Id,PasswordValidityPeriodInDays,PasswordNotificationWindowInDays shows the password policy "
    "of cloud accounts. For accounts from on-premises the domain's policy decides. Report "
    "service accounts that expire to their owner: they need another kind of credential, not a "
    "person's password."};
constexpr StepText kFindClient = {
    "Find the client that keeps failing",
    "The failures go on or keep coming back: one client has not noticed. "
    "%top_app%%programs%%sources%List "
    "them: %query% | summarize count() by AppDisplayName, ClientAppUsed, IPAddress, UserAgent. "
    "For web apps and other confidential clients, the address of a non-interactive failure is "
    "where the token was first issued. Take the account off that device, or stop that script or "
    "service, until it has signed in again. Where a vault or a backup product resets this "
    "password every day, a burst every day is expected. Then have the receiver leave out "
    "tickets of this user_id with this cause, and no others."};
constexpr StepText kEscalate = {
    "Escalate with the evidence if it goes on",
    "If failures go on an hour after these steps, escalate to technical support with this "
    "ticket and %evidence%. Tell them: tenant %tenant%, user %who% (%user%), %failures% %span%. "
    "Query: %query%"};
constexpr StepText kEscalateNow = {
    "Escalate with the evidence now if the client is not found",
    "This has gone on for long or come back several times. Unless the steps above end it at "
    "once, escalate to technical support with this ticket and %evidence%. Tell them: tenant "
    "%tenant%, user %who% (%user%), %failures% %span%. Query: %query%"};

// The SOC's steps.
constexpr StepText kContainSessions = {
    "Contain: revoke all sessions",
    "%contained%Revoke-MgUserSignInSession -UserId %user%, or Entra admin center > Entra ID > "
    "Users > All users > %who% > Revoke sessions. Access tokens that are out stay good for "
    "about an hour. If there are signs of misuse, block the sign-in as well: Update-MgUser "
    "-UserId %user% -AccountEnabled:$false. Disable accounts from on-premises there."};
constexpr StepText kContainReset = {
    "Contain: reset the password",
    "Entra admin center > Entra ID > Users > All users > %who% > Reset password. Reset a "
    "synchronised account on-premises instead. Without password writeback a synchronised "
    "account keeps its old password on-premises, and synchronisation may bring it back. Then "
    "revoke the sessions once more. Hand the new password over in person or by phone, after "
    "checking who is there. Never send it by mail or chat."};
constexpr StepText kContainMethods = {
    "Contain: check MFA methods and devices",
    "%security_info%Get-MgUserAuthenticationMethod -UserId %user%, or Users > All users > %who% > "
    "Authentication methods: remove what the user does not know. When in doubt choose Require "
    "re-register multifactor authentication. Users > %who% > Devices: disable devices that were "
    "registered lately and that the user does not know."};
constexpr StepText kContainMailbox = {
    "Contain: check inbox rules, forwarding and app consents",
    "Exchange Online PowerShell: Get-InboxRule -Mailbox %user%, and Get-Mailbox %user% | "
    "Format-List ForwardingAddress,ForwardingSmtpAddress. Remove rules that forward, hide or "
    "delete mail. Get-MgUserOauth2PermissionGrant -UserId %user% lists consents given to apps: "
    "remove those that nobody needs."};
constexpr StepText kJudgeSources = {
    "Judge where the failures came from",
    "%session%%risk%%unfamiliar%%sources%For web apps and other confidential clients, the address "
    "of a "
    "non-interactive failure is where the token was first issued. Compare them with the user's "
    "successful sign-ins: union SigninLogs, AADNonInteractiveUserSignInLogs | where %query_key% "
    "and ResultType == \"0\" | summarize count() by IPAddress, Location, AppDisplayName. A "
    "success from one of these sources makes this an incident: the account stays contained."};
constexpr StepText kContainGuest = {
    "Contain: block the guest in this tenant",
    "Update-MgUser -UserId %user% -AccountEnabled:$false blocks the guest here, and nowhere "
    "else. Call the home tenant's help desk or SOC: only they can revoke the sessions and reset "
    "the password. Give access back when they agree."};
constexpr StepText kGuestConsents = {
    "Contain: check what the guest did and consented to here",
    "Get-MgUserOauth2PermissionGrant -UserId %user% lists consents given to apps: remove those "
    "that nobody needs. Entra admin center > Entra ID > Monitoring & health > Audit logs, "
    "initiated by %who%: undo what the sponsor does not know."};

constexpr CausePlan kPlans[] = {
    {Cause::kPasswordChanged,
     {&kAskChanged, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckSync}},
    {Cause::kPasswordReset,
     {&kAskSelfReset, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckSync}},
    {Cause::kPasswordResetByAdmin,
     {&kAskAdminReset, &kCheckAccount},
     {&kSignInAgain, &kUpdateStored, &kClearCache, &kCheckSync}},
    {Cause::kPasswordSynced,
     {&kAskSynced, &kCheckSync},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckAccount}},
    {Cause::kSyncDelay,
     {&kSyncLag, &kAskSynced},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckAccount}},
    {Cause::kSessionsRevoked,
     {&kAskRevoked, &kCheckAccount},
     {&kSignInAgainSame, &kRenewStored, &kClearCache, &kCheckSync}},
    {Cause::kPasswordExpired,
     {&kAskExpired},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckAccount, &kCheckSync, &kExpiryPolicy}},
    {Cause::kIncorrectPassword,
     {&kAskIncorrect},
     {&kUpdateStored, &kCheckAccount, &kSignInAgain, &kClearCache, &kCheckSync}},
    {Cause::kHomeTenant,
     {&kAskGuest, &kCheckGuest},
     {&kUpdateStored, &kGuestSignIn, &kClearCache, &kGuestAccess}},
    {Cause::kUnexplained,
     {&kAskUnexplained, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckSync}},
    {Cause::kPending,
     {&kAskPending, &kCheckAccount},
     {&kSignInAgain, &kUpdateStored, &kClearCache, &kCheckSync}},
    {Cause::kMixed,
     {&kAskMixed, &kCheckAccount},
     {&kUpdateStored, &kSignInAgain, &kClearCache, &kCheckSync}},
};
static_assert(OnePlanOfEachCause(kPlans));

constexpr ScopePlan kScope = {
    kPlans,
    {&kContainSessions, &kContainReset, &kContainMethods, &kContainMailbox, &kJudgeSources},
    {&kContainGuest, &kGuestConsents, &kJudgeSources},
    nullptr,
    &kJudgeSources,
    &kFindClient,
    &kEscalate,
    &kEscalateNow};

}  // namespace

const ScopePlan& UserRunbookPlan() { return kScope; }

}  // namespace signinwatch::words
