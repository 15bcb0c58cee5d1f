#include "daemon/config/options_detection.h"

#include <chrono>
#include <utility>

#include "daemon/config/stored_option.h"

namespace signinwatch::config {
namespace {

using std::chrono::milliseconds;

constexpr Duration kSpanMax = 365 * kDay;

template <typename Field>
Option<Config> Span(std::string key, Duration least, Field field, std::string help) {
  return Stored<Duration, Config>(std::move(key), DurationKind{least, kSpanMax}, field,
                                  std::move(help));
}

template <typename Field>
Option<Config> Limit(std::string key, int64_t least, Field field, std::string help) {
  return Stored<int64_t, Config>(std::move(key), IntegerKind{least, 1'000'000'000}, field,
                                 std::move(help));
}

Section InputSection() {
  return {.name = "input",
          .help = "Facts about the records that they don't contain.",
          .options = {Stored<std::string, Config>(
                          "default_tenant", TenantKind{},
                          [](auto& c) -> auto& { return c.parser.default_tenant; },
                          "Tenant of records exported from Graph, and of Log Analytics rows that "
                          "name none. If not set, they are rejected as `no_tenant`.",
                          "null"),
                      Stored<bool, Config>(
                          "unwrap", YesNoKind{}, [](auto& c) -> auto& { return c.parser.unwrap; },
                          "Unwrap records that a log shipper put as text into `message` or "
                          "`event.original`. Enable it only where nobody else can write such "
                          "texts: a log line's text may come from anybody.")}};
}

Section LimitsSection() {
  return {
      .name = "limits",
      .help =
          "Limits for everything kept in memory. Reaching one is counted and never stops the "
          "program. Limits shared by all tenants take from the tenant that uses most, so a flood "
          "in one tenant costs the others nothing.",
      .options = {
          Stored<int64_t, Config>(
              "memory", SizeKind{int64_t{128} << 20, int64_t{1} << 40},
              [](auto& c) -> auto& { return c.memory_bytes; },
              "The memory of the whole process. Near it, in this order: reading pauses until what "
              "was read is processed (`signinwatch_memory_pauses_total`); free memory is returned "
              "to the system; detection, which has half of it, evicts whatever is furthest above "
              "its share (`signinwatch_evictions_total`): users without failures (40 %), failures "
              "(25 %), record ids (15 %), resolved tickets (15 %), password changes (5 %). Open "
              "bursts are never dropped; when nothing else is left, users without earlier failures "
              "get no session. A fifth of detection's half is for texts. Allow for a few "
              "messages of `message_bytes`, at ten times their size."),
          Stored<int64_t, Config>(
              "message_bytes", SizeKind{1, int64_t{1} << 30},
              [](auto& c) -> auto& { return c.parser.message_bytes_max; },
              "A message above this size is rejected as `too_large`."),
          Limit(
              "tenants", 1, [](auto& c) -> auto& { return c.detection.limits.tenants; },
              "Tenants with state. Beyond it, one without users and bursts is forgotten."),
          Limit(
              "users", 1, [](auto& c) -> auto& { return c.detection.limits.users; },
              "Users with state, of all tenants. Beyond it, users without failures are forgotten."),
          Limit(
              "failing_users", 1, [](auto& c) -> auto& { return c.detection.limits.failing_users; },
              "Users with recent failures. Beyond it, the failures of a user without a burst are "
              "forgotten, in the tenant that has most."),
          Limit(
              "dedup_ids", 1, [](auto& c) -> auto& { return c.detection.limits.dedup_ids; },
              "Record ids remembered to recognise duplicates. Beyond it, those closest to expiry "
              "are dropped."),
          Limit(
              "session_events", 1,
              [](auto& c) -> auto& { return c.detection.limits.session_events; },
              "Single events kept of one session; older ones are folded into its counts."),
          Limit(
              "live_events", 1, [](auto& c) -> auto& { return c.detection.limits.live_events; },
              "Single events kept of all sessions together. Beyond it, sessions of the tenant that "
              "has most are folded early."),
          Limit(
              "familiar_sources", 1,
              [](auto& c) -> auto& { return c.detection.limits.familiar_sources; },
              "Addresses, countries and devices remembered of one user. Beyond it, the one seen "
              "longest ago is forgotten."),
          Limit(
              "credential_events", 1,
              [](auto& c) -> auto& { return c.detection.limits.credential_events; },
              "Password changes, resets and revocations remembered of one user. Beyond it, the "
              "oldest is forgotten."),
          Limit(
              "all_credential_events", 1,
              [](auto& c) -> auto& { return c.detection.limits.all_credential_events; },
              "Password changes, resets and revocations remembered of all users. Beyond it, the "
              "oldest of the tenant that has most is forgotten."),
          Limit(
              "audit_events", 1, [](auto& c) -> auto& { return c.detection.limits.audit_events; },
              "Changes of security info remembered of one user, and of Conditional Access policies "
              "of one tenant. Beyond it, the oldest is forgotten."),
          Limit(
              "all_audit_events", 1,
              [](auto& c) -> auto& { return c.detection.limits.all_audit_events; },
              "The same of all users and tenants. Beyond it, the oldest of the tenant that has "
              "most "
              "is forgotten."),
          Limit(
              "risk_events", 1, [](auto& c) -> auto& { return c.detection.limits.risk_events; },
              "Risk events remembered of one user. Beyond it, the oldest is forgotten."),
          Limit(
              "all_risk_events", 1,
              [](auto& c) -> auto& { return c.detection.limits.all_risk_events; },
              "Risk events remembered of all users. Beyond it, the oldest of the tenant that has "
              "most is forgotten."),
          Limit(
              "mfa_methods", 1, [](auto& c) -> auto& { return c.detection.limits.mfa_methods; },
              "Names of methods of MFA, of all users. Beyond it, further ones are not seen."),
          Limit(
              "failure_profiles", 1,
              [](auto& c) -> auto& { return c.detection.limits.failure_profiles; },
              "Combinations of client, kind of token, Conditional Access and risk among the "
              "failures "
              "that are kept. Beyond it, these are not known of further failures."),
          Limit(
              "tickets", 1, [](auto& c) -> auto& { return c.detection.limits.tickets; },
              "Tickets that are open, or resolved and may still be revised. Beyond it, the one "
              "resolved longest ago can no longer be revised."),
          Stored<int64_t, Config>(
              "ticket_bytes", SizeKind{1, int64_t{1} << 36},
              [](auto& c) -> auto& { return c.detection.limits.ticket_bytes; },
              "The size of all these tickets together; beyond it as for `tickets`."),
          Limit(
              "distinct_values", 1,
              [](auto& c) -> auto& { return c.detection.limits.distinct_values; },
              "Distinct values of each counted list of one burst (users, apps, addresses, ...)."),
          Stored<int64_t, Config>(
              "text_bytes", SizeKind{1, int64_t{1} << 36},
              [](auto& c) -> auto& { return c.detection.limits.text_bytes; },
              "Names, ids and other texts kept for tickets, at most a tenth of `memory`. Beyond "
              "it, "
              "new ones are shown as absent."),
          Limit(
              "operation_names", 1,
              [](auto& c) -> auto& { return c.detection.limits.operation_names; },
              "Unknown audit operations about passwords that are counted by name."),
      }};
}

Section TimeSection() {
  return {.name = "time",
          .help =
              "How event time moves. The watermark is the event time below which no more "
              "records are expected.",
          .options = {
              Span(
                  "allowed_lateness", Duration{0},
                  [](auto& c) -> auto& { return c.detection.time.allowed_lateness; },
                  "How far a partition's watermark stays behind the latest event time seen in it. "
                  "Records below the watermark are late."),
              Span(
                  "max_clock_skew", Duration{0},
                  [](auto& c) -> auto& { return c.detection.time.max_clock_skew; },
                  "How far a record may lie in the future before it is rejected, and how far after "
                  "the start of a burst a password change may lie and still be its cause."),
              Span(
                  "idle_timeout", milliseconds(1),
                  [](auto& c) -> auto& { return c.detection.time.idle_timeout; },
                  "A partition read to its end no longer holds the watermark back after this long "
                  "(wall time) without a record, or with only records more than `alignment` behind "
                  "the furthest partition. Not used by `replay`."),
              Span(
                  "alignment", milliseconds(1),
                  [](auto& c) -> auto& { return c.detection.time.alignment; },
                  "A partition this far ahead of the watermark pauses until the others catch up. "
                  "Records this far behind the furthest partition no longer keep their partition "
                  "from being idle. Not used by `replay`, which always reads the file that is "
                  "furthest behind."),
              Span(
                  "dedup_horizon", Duration{0},
                  [](auto& c) -> auto& { return c.detection.time.dedup_horizon; },
                  "How long after its event time a record's id is remembered, to recognise "
                  "duplicates."),
          }};
}

Section DetectorsSection() {
  return {.name = "detectors",
          .help =
              "A list of what to watch. When it is given, it replaces the two default "
              "detectors.",
          .options = {}};
}

// The three dimensions of `unfamiliar_source` as the list of those that are on.
Option<Config> UnfamiliarOption() {
  return {.key = "unfamiliar",
          .kind = ChoicesKind{{"address", "country", "device"}},
          .get =
              [](const Config& config) {
                const CorrelationConfig& from = config.detection.correlation;
                std::vector<std::string> on;
                if (from.unfamiliar_address) on.emplace_back("address");
                if (from.unfamiliar_country) on.emplace_back("country");
                if (from.unfamiliar_device) on.emplace_back("device");
                return OptionValue(on);
              },
          .set =
              [](Config& config, const OptionValue& value) {
                CorrelationConfig& to = config.detection.correlation;
                to.unfamiliar_address = to.unfamiliar_country = to.unfamiliar_device = false;
                for (const std::string& name : std::get<std::vector<std::string>>(value)) {
                  to.unfamiliar_address |= name == "address";
                  to.unfamiliar_country |= name == "country";
                  to.unfamiliar_device |= name == "device";
                }
              },
          .help =
              "Which of a failure's source must be unfamiliar for the finding "
              "`unfamiliar_source`: all that are listed.",
          .default_text = {}};
}

Option<Config> OperationsOption() {
  return {
      .key = "operations",
      .kind = OperationsKind{},
      .get = [](const Config&) { return OptionValue(std::map<std::string, ChangeKind>()); },
      .set =
          [](Config& config, const OptionValue& value) {
            for (const auto& [name, kind] : std::get<std::map<std::string, ChangeKind>>(value)) {
              config.detection.correlation.operations[name] = kind;
            }
          },
      .help =
          "Names of audit operations and the kind of change each is, added to the built-in "
          "names; a built-in name may be moved to another kind. Use `ignore` for operations that "
          "complete no change: they explain nothing and are not counted as unknown. Compared "
          "without case, outer blanks and trailing dots.",
      .default_text = "{}"};
}

Section CorrelationSection() {
  return {
      .name = "correlation",
      .help = "How bursts are explained by password changes.",
      .options = {
          Span(
              "lookback", Duration{0},
              [](auto& c) -> auto& { return c.detection.correlation.lookback; },
              "How long after a password change its failures may come and still be explained by "
              "it: a forgotten client can come back weeks later."),
          Span(
              "correlation_grace", Duration{0},
              [](auto& c) -> auto& { return c.detection.correlation.correlation_grace; },
              "How long a burst without a known cause stays `pending` before it becomes "
              "`unexplained`, since audit records lag."),
          Stored<int64_t, Config>(
              "familiar_days", IntegerKind{1, 31},
              [](auto& c) -> auto& { return c.detection.correlation.familiar_days; },
              "For how many UTC days a successful sign-in makes its address, country and device "
              "familiar."),
          UnfamiliarOption(),
          OperationsOption(),
          Stored<std::vector<std::string>, Config>(
              "sync_actors", PrefixesKind{},
              [](auto& c) -> auto& { return c.detection.correlation.sync_actors; },
              "Beginnings of the user principal names of directory synchronisation, compared "
              "without case."),
          Stored<std::vector<std::string>, Config>(
              "sync_apps", PrefixesKind{},
              [](auto& c) -> auto& { return c.detection.correlation.sync_apps; },
              "Beginnings of the display names or service principal names of directory "
              "synchronisation, compared without case."),
          Span(
              "risk_before", Duration{0},
              [](auto& c) -> auto& { return c.detection.correlation.risk_before; },
              "How long before a burst risk events of its user are told in its ticket."),
          Stored<std::vector<std::string>, Config>(
              "theft_risks", PrefixesKind{},
              [](auto& c) -> auto& { return c.detection.correlation.theft_risks; },
              "Types of risk events that make the finding `risk_detected`, compared without case."),
          Stored<std::vector<std::string>, Config>(
              "security_info_operations", PrefixesKind{},
              [](auto& c) -> auto& { return c.detection.correlation.security_info_operations; },
              "Audit operations that change by what a user can pass MFA, compared without case, "
              "outer blanks and trailing dots."),
      }};
}

Section TicketsSection() {
  return {
      .name = "tickets",
      .help = "The life of tickets. All spans are event time.",
      .options = {
          Span(
              "reopen_within", Duration{0},
              [](auto& c) -> auto& { return c.detection.tickets.reopen_within; },
              "A burst that starts sooner than this after the end of the same key's last one "
              "reopens its ticket."),
          Span(
              "persistent_after", Duration{0},
              [](auto& c) -> auto& { return c.detection.tickets.persistent_after; },
              "A burst longer than this is `persistent`, which raises its severity by one."),
          Span(
              "revise_for", Duration{0},
              [](auto& c) -> auto& { return c.detection.tickets.revise_for; },
              "How long after the end of a burst a late audit record may still revise its "
              "resolved ticket."),
          Span(
              "revise_risks_for", Duration{0},
              [](auto& c) -> auto& { return c.detection.tickets.revise_risks_for; },
              "How long after the end of a burst a risk event may still revise its ticket: some "
              "are found days later. Tickets are held at least as long."),
      }};
}

std::vector<Option<BurstRule>> MakeDetectorOptions() {
  constexpr int64_t kCountMax = 1'000'000'000;
  const Option<BurstRule> group_by{
      .key = "group_by",
      .kind = ChoiceKind{{"user", "tenant"}},
      .get = [](const BurstRule& rule) -> OptionValue {
        return std::string(rule.group_by == GroupBy::kUser ? "user" : "tenant");
      },
      .set =
          [](BurstRule& rule, const OptionValue& value) {
            rule.group_by =
                std::get<std::string>(value) == "user" ? GroupBy::kUser : GroupBy::kTenant;
          },
      .help = "Whose failures are counted together.",
      .default_text = {}};
  return {
      Stored<std::string, BurstRule>(
          "name", TextKind{}, [](auto& r) -> auto& { return r.name; },
          "Names the detector in tickets and metrics; each name once.", "none: must be given"),
      Stored<std::vector<int64_t>, BurstRule>(
          "codes", CodesKind{}, [](auto& r) -> auto& { return r.codes; },
          "The AADSTS error codes that are counted."),
      group_by,
      Stored<Duration, BurstRule>(
          "window", DurationKind{milliseconds(1), kSpanMax},
          [](auto& r) -> auto& { return r.window; },
          "The sliding window in which `threshold` failures make a burst.",
          "10m for users, 30m for tenants"),
      Stored<int64_t, BurstRule>(
          "threshold", IntegerKind{1, kCountMax}, [](auto& r) -> auto& { return r.threshold; },
          "How many failures in a window make a burst.", "10 for users, 50 for tenants"),
      Stored<int64_t, BurstRule>(
          "min_users", IntegerKind{1, kCountMax}, [](auto& r) -> auto& { return r.min_users; },
          "How many distinct users must be among them; only for `group_by: tenant`."),
      Stored<Duration, BurstRule>(
          "quiet", DurationKind{milliseconds(1), kSpanMax},
          [](auto& r) -> auto& { return r.quiet; },
          "A session of failures ends after this long without one; never below `window`.",
          "the window"),
      Stored<Duration, BurstRule>(
          "max_duration", DurationKind{milliseconds(1), kSpanMax},
          [](auto& r) -> auto& { return r.max_duration; },
          "A session that lasts this long is continued as a new one, with a new ticket."),
  };
}

}  // namespace

std::vector<Section> DetectionSections() {
  return {InputSection(),     LimitsSection(),      TimeSection(),
          DetectorsSection(), CorrelationSection(), TicketsSection()};
}

const std::vector<Option<BurstRule>>& DetectorOptions() {
  static const std::vector<Option<BurstRule>> options = MakeDetectorOptions();
  return options;
}

}  // namespace signinwatch::config
