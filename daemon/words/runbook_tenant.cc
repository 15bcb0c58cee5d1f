// The steps for a tenant.
#include "daemon/words/runbook_plan.h"

namespace signinwatch::words {
namespace {

constexpr StepText kAppRevoked = {
    "Check service health, and the application that revoked the sessions",
    "%app_actor%Microsoft 365 admin center > Health > Service health: does Microsoft report "
    "trouble with Entra ID or sign-ins? Entra admin center > Entra ID > Enterprise apps, "
    "Application type Microsoft Applications: is the application Microsoft's own? Or: "
    "Get-MgServicePrincipal -Filter \"displayName eq '<its name>'\" | Format-List "
    "DisplayName,AppOwnerOrganizationId. The id f8cdef31-a31e-4b4a-93e4-5f571e91255a is "
    "Microsoft. Microsoft revokes where it believes that credentials have leaked: look at Entra "
    "ID > ID Protection > Risk detections, and open a support case. An application that nobody "
    "knows makes this an incident: call the SOC."};
constexpr StepText kChanged = {
    "Confirm with some users why passwords were changed",
    "Found for %half%: they had changed their password before. %tenant_changes%Ask some of the "
    "most affected whether they changed it themselves, whether it had expired, and who told "
    "them to. It may have been a campaign, a policy, or a message that was phishing. If nobody "
    "ordered it, call the SOC."};
constexpr StepText kSelfReset = {
    "Confirm with some users why they reset their passwords",
    "Found for %half%: they had used self-service password reset. %tenant_changes%Ask some of "
    "the most affected whether they did so, who told them to, and whether the password had "
    "expired or was changed as a precaution. Audit logs, service Self-service Password "
    "Management, show the verification methods. Resets that the users don't know of go to the "
    "SOC."};
constexpr StepText kAdminReset = {
    "Confirm that the mass reset was meant",
    "Administrators reset the passwords of %half%. This burst is the expected sign that the "
    "reset took effect: older sessions are refused. %tenant_changes%Ask these actors whether it "
    "was meant, and for whom. If the SOC did it to contain an incident, give no access back "
    "before the SOC agrees. A reset that nobody ordered is an incident. Ask some users whether "
    "they know that the password was changed, not expired, and have the new one."};
constexpr StepText kSynced = {
    "Confirm the on-premises password changes",
    "Directory synchronisation brought new passwords for %half%. %tenant_changes%Ask the "
    "on-premises administrators whether many passwords were changed or reset there, or had "
    "expired at once. Ask some users whether they know of it."};
constexpr StepText kTenantSyncLag = {
    "Check the synchronisation and start a cycle by hand",
    "Passwords that were changed on-premises reached Entra ID late: they had been refused "
    "before, for %half%. %tenant_changes%Entra admin center > Entra ID > Entra Connect > "
    "Connect Sync and Connect Health show how late it is. Hashes should go every 2 minutes. On "
    "the Entra Connect server run Get-ADSyncScheduler and Invoke-ADSyncDiagnostics "
    "-PasswordSync. Then start a cycle by hand: Start-ADSyncSyncCycle -PolicyType Delta. Watch "
    "that the queue empties. With Cloud Sync look at Entra Connect > Cloud Sync."};
constexpr StepText kAskLag = {
    "Confirm with some users when the password was changed",
    "Ask some of the most affected when they changed the password on-premises, or whether it "
    "had expired, and when it began to work in the cloud. The time between is the delay to "
    "report."};
constexpr StepText kRevoked = {
    "Confirm that the mass revocation was meant",
    "The sessions of %half% were revoked. This burst is the expected sign that the revocation "
    "took effect. %tenant_changes%Ask these actors whether it was meant. If the SOC did it, "
    "give no access back before the SOC agrees. A revocation that nobody ordered is an "
    "incident. With federation or pass-through authentication, a revocation may be all that is "
    "seen of a password change. So ask some users whether the password was changed or has "
    "expired."};
constexpr StepText kExpired = {
    "Confirm with some users that their passwords have expired",
    "Found for %half%: they were refused because the password has expired (error 50055, "
    "on-premises 50144). Ask some of the most affected whether they were warned, and whether "
    "they changed it since. Send all of them to https://aka.ms/sspr or to a domain computer. "
    "Many at one time mean that their passwords were last changed on one day, or that the "
    "policy was changed."};
constexpr StepText kIncorrect = {
    "Find out who tries wrong passwords",
    "Found for %half%: there are sign-ins with a wrong password (error 50126) around this "
    "burst. %sources%Few addresses for many users mean password spraying: block them in Entra "
    "ID > Conditional Access > Named locations, and call the SOC. Many addresses that belong to "
    "the users mean that a shared app holds old passwords. Ask some users whether theirs was "
    "changed or has expired. For web apps and other confidential clients, the address of a "
    "non-interactive failure is where the token was first issued."};
constexpr StepText kGuests = {
    "Ask the guests' home tenants what happened there",
    "Found for %half%: they are guests, whose passwords and sessions belong to other tenants. "
    "Only a home tenant's help desk can reset or revoke, and what changed there is not seen "
    "here. %top_users%Ask some of them whether their passwords were changed or have expired. "
    "Guests of one partner at one time point to a mass reset or an incident there: call its SOC."};
constexpr StepText kUnexplained = {
    "Then help: ask some users what happened",
    "No change explains the failures of %half%. %tenant_changes%Ask some of the most affected "
    "whether the password was changed or has expired, and whether they met unexpected MFA "
    "prompts. With federation or pass-through authentication a change on-premises may leave no "
    "audit record here: ask the on-premises administrators too."};
constexpr StepText kPending = {
    "Ask some users, and let the audit log catch up",
    "The cause is not known yet for %half%. Audit records may come after the sign-ins, and this "
    "ticket is updated by itself. %tenant_changes%Meanwhile ask whether a mass reset was "
    "planned, and some of the most affected whether the password was changed or has expired."};
constexpr StepText kMixed = {
    "Take the users apart by cause",
    "No one cause alone holds for %half%. %by_cause%%tenant_changes%%unexplained_users%Begin "
    "with the unexplained ones: revoke their sessions (Revoke-MgUserSignInSession -UserId <id>) "
    "and call the SOC. Ask some users of each other group whether the password was changed or "
    "has expired. Follow the runbooks of the user tickets whose parent_ticket_id is this "
    "ticket's id."};
constexpr StepText kAccessKnown = {
    "Check MFA%and_access% for the tenant",
    "Entra admin center > Entra ID > Authentication methods > User registration details: MFA is "
    "set up for the affected users. %access%"};
constexpr StepText kCheckAccess = {
    "Check MFA and Conditional Access for the tenant",
    "Entra admin center > Entra ID > Authentication methods > User registration details: MFA is "
    "set up for the affected users. Entra ID > Monitoring & health > Audit logs, service "
    "Conditional Access: which policy changed lately. Sign-in logs > failures %span% > "
    "Conditional Access, and Policies > What If: no Conditional Access policy blocks the MFA "
    "prompt, especially during a mass sign-in.",
    &kAccessKnown, GuideQuestion::kConditionalAccess};
constexpr StepText kUsers = {
    "Help the most affected users first",
    "%top_users%Open each in Entra admin center > Entra ID > Users > All users, and follow the "
    "user's own ticket. The tickets of this burst carry this ticket's id as parent_ticket_id."};
constexpr StepText kStored = {
    "Have the password updated wherever it is stored",
    "%top_app%Tell users and owners where old passwords hide: mail clients, phones, the "
    "credential manager, browsers. Shared mailboxes, scripts, scheduled tasks and services may "
    "sign in as a person too. Power Platform: make.powerautomate.com > Connections > Fix "
    "connection; only the connection's owner can do it. Teams Rooms and meeting-room phones: "
    "sign in again on the device. Where one app holds most of the failures, its owner may be "
    "able to end its sessions for all."};
constexpr StepText kSignIn = {
    "Have the users sign out everywhere and sign in again",
    "In this order: https://myaccount.microsoft.com > Sign out everywhere, clear cache and "
    "cookies, close Office apps and Teams, sign in with the new password and MFA. After a "
    "revocation alone the password is the one they have. Ask large sites to do it in groups, so "
    "that the help desk can follow."};
constexpr StepText kTenantSyncRuns = {
    "Synchronisation works: nothing to do unless changes are missing",
    "%sync%That is what the audit log says. If changes that were made on-premises are missing, "
    "start a cycle by hand on the Entra Connect server: Start-ADSyncSyncCycle -PolicyType Delta."};
constexpr StepText kSync = {
    "Hybrid tenants: check the synchronisation",
    "Get-MgOrganization | Format-List OnPremisesSyncEnabled,OnPremisesLastSyncDateTime, or "
    "Entra admin center > Entra ID > Entra Connect > Connect Sync. If it lags, start a cycle by "
    "hand on the Entra Connect server: Start-ADSyncSyncCycle -PolicyType Delta.",
    &kTenantSyncRuns, GuideQuestion::kSync};
constexpr StepText kPolicy = {
    "Check the password policy and expiry notifications",
    "Get-MgDomain | Format-Table "
    "Id,PasswordValidityPeriodInDays,PasswordNotificationWindowInDays. Microsoft 365 admin "
    "center > Settings > Org settings > Security & privacy > Password expiration policy. "
    "On-premises look at the domain's policy and the fine-grained ones. See that expiry "
    "notifications reach the users in time, by your own mail where the service sends none. Not "
    "everybody's password should expire on the same day."};
constexpr StepText kTell = {
    "Tell the users",
    "Write to the users by a channel they can still read: what happened and when, that they "
    "have to sign in again, where to update the password, whom to call. Put no sign-in link "
    "into it and ask for no password: phishing follows every mass reset. Tell the help desk "
    "first."};
constexpr StepText kTenantFindClient = {
    "Find the clients that keep failing",
    "The failures go on or keep coming back. %top_app%%programs%%sources%List them: %query% | "
    "summarize "
    "failures = count(), users = dcount(UserId) by AppDisplayName, ClientAppUsed, IPAddress. "
    "For web apps and other confidential clients, the address of a non-interactive failure is "
    "where the token was first issued. A gateway, a shared app or a service with old sessions "
    "has to be stopped by its owner."};
constexpr StepText kTenantEscalate = {
    "Escalate with the evidence if it goes on",
    "If the count of failing users has not halved an hour after these steps, escalate to "
    "technical support with this ticket and %evidence%. Tell them: tenant %tenant%, %failures% "
    "of %users% %span%. Query: %query%"};
constexpr StepText kTenantEscalateNow = {
    "Escalate with the evidence now if the clients are not found",
    "This has gone on for long or come back several times. Escalate to technical support with "
    "this ticket and %evidence%. Tell them: tenant %tenant%, %failures% of %users% %span%. "
    "Query: %query%"};

// The SOC's steps.
constexpr StepText kTenantContainSessions = {
    "Contain: revoke the sessions of the affected users",
    "%top_users%Administrators and accounts with access to money or personal data first. For "
    "each: Revoke-MgUserSignInSession -UserId <id>, with the ids under users in this ticket. "
    "All of them: %query% | distinct UserId. Access tokens that are out stay good for about an "
    "hour. Where there are signs of misuse, block the sign-in as well."};
constexpr StepText kTenantContainReset = {
    "Contain: reset their passwords",
    "Reset the passwords of the users who know of no change, on-premises for synchronised "
    "accounts. Then revoke the sessions once more. Prepare how the new ones are handed over, "
    "and tell the help desk before the users call."};
constexpr StepText kTenantContainMethods = {
    "Contain: check MFA methods, inbox rules and app consents",
    "For the same users: Get-MgUserAuthenticationMethod -UserId <id>, Get-InboxRule -Mailbox "
    "<id>, Get-MgUserOauth2PermissionGrant -UserId <id>. Remove what the users don't know. "
    "Audit logs: methods and consents that were added to many users by one actor or within "
    "minutes."};
constexpr StepText kTenantJudgeSources = {
    "Judge where the failures came from",
    "%risk%%unfamiliar%%sources%Count them: %query% | summarize users = dcount(UserId) by "
    "IPAddress, "
    "AppDisplayName. One source that many users share and nobody knows makes this an incident. "
    "One app of your own points to a change or fault of that app. For web apps and other "
    "confidential clients, the address of a non-interactive failure is where the token was "
    "first issued."};
constexpr StepText kContainGuests = {
    "Contain: block the guests in this tenant",
    "%top_users%Update-MgUser -UserId <id> -AccountEnabled:$false blocks a guest here, and "
    "nowhere else. Call the home tenants' SOCs: only they can revoke the sessions and reset the "
    "passwords."};

constexpr CausePlan kTenantPlans[] = {
    {Cause::kPasswordChanged,
     {&kChanged, &kCheckAccess},
     {&kTell, &kStored, &kSignIn, &kClearCache, &kUsers, &kSync, &kPolicy}},
    {Cause::kPasswordReset,
     {&kSelfReset, &kCheckAccess},
     {&kTell, &kStored, &kSignIn, &kClearCache, &kUsers, &kSync, &kPolicy}},
    {Cause::kPasswordResetByAdmin,
     {&kAdminReset, &kCheckAccess},
     {&kTell, &kUsers, &kSignIn, &kStored, &kClearCache, &kSync, &kPolicy}},
    {Cause::kPasswordSynced,
     {&kSynced, &kSync},
     {&kTell, &kStored, &kSignIn, &kClearCache, &kUsers, &kCheckAccess, &kPolicy}},
    {Cause::kSyncDelay,
     {&kTenantSyncLag, &kAskLag},
     {&kTell, &kStored, &kSignIn, &kClearCache, &kUsers, &kCheckAccess, &kPolicy}},
    {Cause::kSessionsRevoked,
     {&kRevoked, &kCheckAccess},
     {&kTell, &kSignIn, &kUsers, &kStored, &kClearCache, &kSync, &kPolicy}},
    {Cause::kPasswordExpired,
     {&kExpired, &kPolicy},
     {&kTell, &kUsers, &kStored, &kSignIn, &kClearCache, &kCheckAccess, &kSync}},
    {Cause::kIncorrectPassword,
     {&kIncorrect, &kCheckAccess},
     {&kStored, &kUsers, &kSignIn, &kClearCache, &kTell, &kSync, &kPolicy}},
    {Cause::kHomeTenant,
     {&kGuests, &kCheckAccess},
     {&kTell, &kStored, &kSignIn, &kClearCache, &kUsers, &kSync, &kPolicy}},
    {Cause::kUnexplained,
     {&kUnexplained, &kCheckAccess},
     {&kUsers, &kSignIn, &kStored, &kClearCache, &kTell, &kSync, &kPolicy}},
    {Cause::kPending,
     {&kPending, &kCheckAccess},
     {&kUsers, &kSignIn, &kStored, &kClearCache, &kTell, &kSync, &kPolicy}},
    {Cause::kMixed,
     {&kMixed, &kCheckAccess},
     {&kUsers, &kTell, &kStored, &kSignIn, &kClearCache, &kSync, &kPolicy}},
};
static_assert(OnePlanOfEachCause(kTenantPlans));

constexpr ScopePlan kTenantScope = {
    kTenantPlans,
    {&kTenantContainSessions, &kTenantContainReset, &kTenantContainMethods, &kTenantJudgeSources},
    {&kContainGuests, &kTenantJudgeSources},
    &kAppRevoked,
    nullptr,
    &kTenantFindClient,
    &kTenantEscalate,
    &kTenantEscalateNow};

}  // namespace

const ScopePlan& TenantRunbookPlan() { return kTenantScope; }

}  // namespace signinwatch::words
