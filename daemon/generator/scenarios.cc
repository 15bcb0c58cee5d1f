#include "daemon/generator/scenarios.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "daemon/generator/random.h"
#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

void StolenSession(Scene& scene) {
  scene.set_risk("high");
  Label& label = scene.Expect(scene.FailInTwoPlaces(scene.ForeignSource(), 0, 24), "unexplained");
  label.unfamiliar_source = label.session_elsewhere = label.risk_detected = true;
}

void Persistent(Scene& scene) {
  scene.Change(Credential::kOwnChange, -20 * kMinute);
  // Five hours with never as much as ten minutes of quiet.
  const Failures failures = scene.Fail(0, 70, {4 * kMinute, 8 * kMinute});
  scene.Expect(failures, "password_changed").persistent = true;
}

void ThirdInADay(Scene& scene) {
  scene.Expect(scene.Fail(0, 15), "unexplained");
  scene.Expect(scene.Fail(2 * kHour, 15), "unexplained");
  scene.Expect(scene.Fail(4 * kHour, 15), "unexplained").persistent = true;
}

void PolicyBlocks(Scene& scene) {
  scene.ChangePolicy(-2 * kHour);
  scene.Change(Credential::kOwnChange, -10 * kMinute);
  scene.set_blocked(true);
  scene.Expect(scene.Fail(0, 16), "password_changed").policy_changes = 1;
}

void SecurityInfoChanged(Scene& scene) {
  scene.ChangeSecurityInfo(-40 * kMinute);
  scene.Expect(scene.Fail(0, 13), "unexplained").security_info_changed = true;
}

void RiskComesLater(Scene& scene) {
  scene.Change(Credential::kOwnChange, -12 * kMinute);
  scene.set_delay(5 * kHour);
  scene.DetectStolenToken(3 * kMinute);
  Label& label = scene.Expect(scene.Fail(0, 18), "password_changed");
  label.risk_detected = true;
  label.risk_events = 1;
}

// One session in two places, both the user's own: most often a VPN.
void TwoPlacesOfOnesOwn(Scene& scene) {
  const Source elsewhere = scene.ForeignSource();
  scene.SignInFrom(elsewhere, -90 * kMinute);
  scene.Change(Credential::kOwnReset, -9 * kMinute);
  scene.Expect(scene.FailInTwoPlaces(elsewhere, 0, 20), "password_reset").session_elsewhere = true;
}

void SyncDelay(Scene& scene) {
  // The new password is tried before it has been synchronised.
  scene.SignIn(-35 * kMinute, 50126, RecordKind::kInteractive);
  scene.SignIn(-34 * kMinute, 50126, RecordKind::kInteractive);
  scene.Change(Credential::kSync, -8 * kMinute);
  scene.Expect(scene.Fail(0, 17), "sync_delay");
}

void PasswordExpired(Scene& scene) {
  scene.SignIn(-50 * kMinute, 50055, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 12), "password_expired");
}

void PasswordExpiredOnPremises(Scene& scene) {
  scene.SignIn(-2 * kMinute, 50144, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 12), "password_expired");
}

void IncorrectPassword(Scene& scene) {
  for (int i = 0; i < 6; ++i)
    scene.SignIn(-50 * kMinute + i * 9 * kMinute, 50126, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 13), "incorrect_password");
}

void UnfamiliarSource(Scene& scene) {
  scene.Expect(scene.FailFrom(scene.ForeignSource(), 0, 19), "unexplained").unfamiliar_source =
      true;
}

void UnfamiliarSourceAfterChange(Scene& scene) {
  scene.Change(Credential::kOwnChange, -5 * kMinute);
  scene.Expect(scene.FailFrom(scene.ForeignSource(), 0, 12), "password_changed").unfamiliar_source =
      true;
}

void Reopened(Scene& scene) {
  scene.Change(Credential::kOwnChange, -12 * kMinute);
  const Failures first = scene.Fail(0, 12);
  const Failures second = scene.Fail(scene.Relative(first.last) + 25 * kMinute, 14);
  Label& label = scene.Expect(second, "password_changed");
  label.reopened = 1;
  label.total_event_count = first.count + second.count;
}

void Reauthenticated(Scene& scene) {
  scene.Change(Credential::kOwnReset, -4 * kMinute);
  const Failures failures = scene.Fail(0, 15);
  scene.SignIn(scene.Relative(failures.last) + 4 * kMinute, 0, RecordKind::kInteractive);
  scene.Expect(failures, "password_reset").resolution = "reauthenticated";
}

void QuietBesideMailClient(Scene& scene) {
  scene.Change(Credential::kOwnReset, -4 * kMinute);
  const Failures failures = scene.Fail(0, 15);
  // Neither a success amid the failures nor a mail client shows that all clients are back.
  scene.SignIn(kMinute, 0, RecordKind::kInteractive);
  scene.MailSignIn(scene.Relative(failures.last) + 3 * kMinute);
  scene.Expect(failures, "password_reset");
}

void AuditLate(Scene& scene) {
  scene.set_delay(21 * kMinute);
  scene.Change(Credential::kAdminReset, -kMinute);
  scene.Expect(scene.Fail(0, 14), "password_reset_by_admin");
}

void ResetThenRevoked(Scene& scene) {
  scene.Change(Credential::kAdminReset, -30 * kMinute);
  scene.Change(Credential::kRevoke, -10 * kMinute);
  scene.Expect(scene.Fail(0, 14), "password_reset_by_admin");
}

void OneBelowThreshold(Scene& scene) { scene.ExpectNothing(scene.Fail(0, 9)); }

void TooSlow(Scene& scene) { scene.ExpectNothing(scene.FailSlowly(0, 25, 67 * kSecond)); }

void OtherCodes(Scene& scene) {
  for (int i = 0; i < 30; ++i)
    scene.SignIn(i * 15 * kSecond, i % 2 == 0 ? 500133 : 700082, RecordKind::kNonInteractive);
  scene.ExpectNothing(scene.Fail(0, 3));
}

// Somebody's working day until it happens: by `play`, or, as most do, a change and `failures` whose
// ticket must have `cause`.
struct UserScenario {
  std::string_view name;
  void (*play)(Scene&) = nullptr;
  std::optional<Credential> change = std::nullopt;
  Ticks change_at = 0;
  uint32_t failures = 0;
  std::string_view cause = {};
  Role role = Role::kMember;
};

constexpr UserScenario Changed(std::string_view name, Credential change, int64_t minutes_before,
                               uint32_t failures, std::string_view cause,
                               Role role = Role::kMember) {
  return {.name = name,
          .change = change,
          .change_at = -minutes_before * kMinute,
          .failures = failures,
          .cause = cause,
          .role = role};
}

// First what a ticket can show besides its cause, and those that take hours; the others take less
// than an hour.
constexpr UserScenario kUserScenarios[] = {
    {"stolen_session", StolenSession},
    {"persistent", Persistent},
    {"policy_blocks", PolicyBlocks},
    {.name = "guest", .failures = 14, .cause = "home_tenant", .role = Role::kGuest},
    Changed("mfa_never_set_up", Credential::kOwnChange, 25, 17, "password_changed",
            Role::kWithoutMfa),
    {"third_in_a_day", ThirdInADay},
    {"security_info_changed", SecurityInfoChanged},
    {"risk_comes_later", RiskComesLater},
    {"two_places_of_ones_own", TwoPlacesOfOnesOwn},
    Changed("password_changed", Credential::kOwnChange, 12, 22, "password_changed"),
    Changed("password_reset", Credential::kOwnReset, 9, 14, "password_reset"),
    Changed("password_reset_by_admin", Credential::kAdminReset, 40, 18, "password_reset_by_admin"),
    Changed("password_synced", Credential::kSync, 6, 16, "password_synced"),
    Changed("password_synced_by_application", Credential::kAppSync, 6, 16, "password_synced"),
    {"sync_delay", SyncDelay},
    Changed("sessions_revoked", Credential::kRevoke, 3, 20, "sessions_revoked"),
    {"password_expired", PasswordExpired},
    {"password_expired_on_premises", PasswordExpiredOnPremises},
    {"incorrect_password", IncorrectPassword},
    {.name = "unexplained", .failures = 25, .cause = "unexplained"},
    Changed("force_change_only", Credential::kForceChange, 15, 12, "unexplained"),
    Changed("changed_during", Credential::kOwnChange, -9, 24, "unexplained"),
    {"unfamiliar_source", UnfamiliarSource},
    {"unfamiliar_source_after_change", UnfamiliarSourceAfterChange},
    {"reopened", Reopened},
    {"reauthenticated", Reauthenticated},
    {"quiet_beside_mail_client", QuietBesideMailClient},
    Changed("known_by_name_only", Credential::kOwnChange, 30, 15, "password_changed",
            Role::kByNameOnly),
    {"audit_late", AuditLate},
    {"reset_then_revoked", ResetThenRevoked},
    {"one_below_threshold", OneBelowThreshold},
    {"too_slow", TooSlow},
    {"other_codes", OtherCodes},
    Changed("cloud_sync", Credential::kCloudSync, 7, 15, "password_synced"),
    Changed("federated_stamp_alone", Credential::kSyncStamp, 5, 13, "password_synced"),
};

void Play(const UserScenario& scenario, Scene& scene) {
  scene.set_role(scenario.role);
  scene.WorkAsUsual();
  if (scenario.play != nullptr) return scenario.play(scene);
  if (scenario.change) scene.Change(*scenario.change, scenario.change_at);
  scene.Expect(scene.Fail(0, scenario.failures), scenario.cause);
}

constexpr Ticks kFirstUserScenario = 4 * kHour;
constexpr Ticks kBetweenUserScenarios = 23 * kMinute;
static_assert(kFirstUserScenario + (std::size(kUserScenarios) - 1) * kBetweenUserScenarios <
              18 * kHour - 50 * kMinute);

// All tenant scenarios begin more than 30 min (the tenant detector's quiet time) after the lull
// does, and end more than that before it ends.
constexpr Ticks kMassReset = 19 * kHour;
constexpr Ticks kMixed = 20 * kHour + 45 * kMinute;
constexpr Ticks kTooFewUsers = 22 * kHour + 15 * kMinute;

// Sets of scenarios a day. A set is some 1,500 records, and the plan is held in memory.
constexpr uint64_t kSetsMax = 100;

class Planner {
 public:
  Planner(const Population& population, uint64_t seed, Ticks start, Ticks duration,
          uint64_t sets_a_day)
      : population_(population),
        seed_(Mix(seed, 3)),
        start_(start),
        end_(start + duration),
        sets_a_day_(sets_a_day) {}

  Plan Run();

 private:
  // Tenants first <= t < first + count that share one set of scenarios.
  struct Group {
    uint32_t first, count;
    [[nodiscard]] uint32_t tenant(uint64_t i) const {
      return first + static_cast<uint32_t>(i % count);
    }
  };

  void PlanDay(int64_t day, const Group& group);
  Scene NewScene(uint32_t tenant, Ticks start, std::string_view scenario);
  // Adds what was planned, if it lies within the traffic's time.
  void Take();
  void MassReset(uint32_t tenant, Ticks start);
  void Mixed(uint32_t tenant, Ticks start);
  void TooFewUsers(uint32_t tenant, Ticks start);
  Label& ExpectOfTenant(std::string_view scenario, uint32_t tenant, const Failures& failures);
  // Plays the same for so many users of a tenant, who begin `gap` apart: act(i, scene) gives the
  // failures of each.
  template <typename Act>
  Failures PlayForMany(std::string_view scenario, uint32_t tenant, Ticks start, int users,
                       Ticks gap, Act act);

  const Population& population_;
  uint64_t seed_;
  Ticks start_, end_;
  uint64_t sets_a_day_;
  Plan plan_;
  Plan next_;
  std::map<uint32_t, uint32_t> next_user_;                // by tenant, above Tenant::users
  std::map<uint32_t, std::vector<Ticks>> tenant_bursts_;  // starts, by tenant
};

Scene Planner::NewScene(uint32_t tenant, Ticks start, std::string_view scenario) {
  const uint32_t user = population_.tenants()[tenant].users + next_user_[tenant]++;
  Scene scene(population_, seed_, tenant, user, start_, start, &next_);
  scene.set_scenario(scenario);
  return scene;
}

void Planner::Take() {
  const bool fits = std::all_of(next_.records.begin(), next_.records.end(), [&](const Planted& p) {
    return p.pending.event_time >= start_ && p.due() < end_;
  });
  if (fits) {
    std::move(next_.records.begin(), next_.records.end(), std::back_inserter(plan_.records));
    std::move(next_.labels.begin(), next_.labels.end(), std::back_inserter(plan_.labels));
  }
  next_ = {};
}

template <typename Act>
Failures Planner::PlayForMany(std::string_view scenario, uint32_t tenant, Ticks start, int users,
                              Ticks gap, Act act) {
  Failures all;
  for (int i = 0; i < users; ++i) {
    Scene scene = NewScene(tenant, start + i * gap, scenario);
    scene.WorkAsUsual();
    const Failures own = act(i, scene);
    all.first = all.count == 0 ? own.first : std::min(all.first, own.first);
    all.last = std::max(all.last, own.last);
    all.count += own.count;
  }
  return all;
}

Label& Planner::ExpectOfTenant(std::string_view scenario, uint32_t tenant,
                               const Failures& failures) {
  std::vector<Ticks>& bursts = tenant_bursts_[tenant];
  const auto earlier = std::count_if(bursts.begin(), bursts.end(), [&](Ticks burst) {
    return burst >= failures.first - kWholeDay && burst < failures.first;
  });
  bursts.push_back(failures.first);
  Label label;
  label.scenario = scenario;
  label.detector = kTenantDetector;
  label.tenant_id = population_.tenants()[tenant].id_text;
  label.first = failures.first;
  label.last = failures.last;
  label.event_count = failures.count;
  label.total_event_count = failures.count;
  label.persistent = earlier >= 2;
  next_.labels.push_back(label);
  return next_.labels.back();
}

void Planner::MassReset(uint32_t tenant, Ticks start) {
  constexpr std::string_view kName = "mass_reset";
  const auto act = [](int i, Scene& scene) {
    scene.Change(Credential::kAdminReset, -6 * kMinute);
    const bool heavy = i % 12 == 0;  // three of them get tickets of their own
    const Failures own = heavy ? scene.Fail(0, 14) : scene.FailSlowly(0, 3, (2 + i % 4) * kMinute);
    scene.SignIn(scene.Relative(own.last) + 4 * kMinute, 0, RecordKind::kInteractive);
    if (heavy) {
      Label& label = scene.Expect(own, "password_reset_by_admin");
      label.resolution = "reauthenticated";
      label.parent = true;
    }
    return own;
  };
  Label& label =
      ExpectOfTenant(kName, tenant, PlayForMany(kName, tenant, start, 25, 20 * kSecond, act));
  label.cause = "password_reset_by_admin";
  label.resolution = "reauthenticated";
}

void Planner::Mixed(uint32_t tenant, Ticks start) {
  constexpr std::string_view kName = "mixed";
  const auto act = [](int i, Scene& scene) {
    if (i % 3 == 0) scene.Change(Credential::kOwnChange, -15 * kMinute);
    if (i % 3 == 1) scene.SignIn(-20 * kMinute, 50055, RecordKind::kInteractive);
    return scene.FailSlowly(0, 4, (1 + i % 3) * kMinute);
  };
  ExpectOfTenant(kName, tenant, PlayForMany(kName, tenant, start, 24, 25 * kSecond, act)).cause =
      "mixed";
}

void Planner::TooFewUsers(uint32_t tenant, Ticks start) {
  constexpr std::string_view kName = "too_few_users";
  const Failures all = PlayForMany(kName, tenant, start, 14, 30 * kSecond, [](int, Scene& scene) {
    return scene.FailSlowly(0, 6, 90 * kSecond);
  });
  Label label;
  label.scenario = kName;
  label.detector = {};
  label.tenant_id = population_.tenants()[tenant].id_text;
  label.first = all.first;
  label.last = all.last;
  label.event_count = label.total_event_count = all.count;
  next_.labels.push_back(label);
}

void Planner::PlanDay(int64_t day, const Group& group) {
  const Ticks midnight = start_ + day * kWholeDay;
  for (size_t i = 0; i < std::size(kUserScenarios); ++i) {
    const Ticks at = midnight + kFirstUserScenario + static_cast<Ticks>(i) * kBetweenUserScenarios;
    Scene scene = NewScene(group.tenant(i + static_cast<size_t>(day)), at, kUserScenarios[i].name);
    Play(kUserScenarios[i], scene);
    Take();
  }
  const auto turn = static_cast<uint64_t>(day);
  MassReset(group.tenant(turn), midnight + kMassReset);
  Take();
  Mixed(group.tenant(turn + 1), midnight + kMixed);
  Take();
  TooFewUsers(group.tenant(turn + 2), midnight + kTooFewUsers);
  Take();
}

Plan Planner::Run() {
  const auto tenants = static_cast<uint32_t>(population_.tenants().size());
  const uint64_t most = std::min<uint64_t>(kSetsMax, (tenants + 2) / 3);
  const auto sets = static_cast<uint32_t>(std::clamp<uint64_t>(sets_a_day_, 1, most));
  for (int64_t day = 0; start_ + day * kWholeDay < end_; ++day) {
    for (uint32_t set = 0; set < sets; ++set) {
      const uint32_t first = static_cast<uint32_t>(uint64_t{tenants} * set / sets);
      const uint32_t end = static_cast<uint32_t>(uint64_t{tenants} * (set + 1) / sets);
      PlanDay(day, {first, end - first});
    }
  }
  std::stable_sort(plan_.records.begin(), plan_.records.end(),
                   [](const Planted& a, const Planted& b) { return a.due() < b.due(); });
  for (size_t i = 0; i < plan_.records.size(); ++i)
    plan_.records[i].pending.planted = static_cast<uint32_t>(i);
  std::stable_sort(plan_.labels.begin(), plan_.labels.end(), [](const Label& a, const Label& b) {
    return std::tie(a.first, a.tenant_id, a.user_id) < std::tie(b.first, b.tenant_id, b.user_id);
  });
  return std::move(plan_);
}

}  // namespace

Plan PlanScenarios(const Population& population, uint64_t seed, Ticks start, Ticks duration,
                   uint64_t sets_a_day) {
  return Planner(population, seed, start, duration, sets_a_day).Run();
}

void DescribePlanted(const Population& population, const Planted& planted, const Pending& pending,
                     Record* record) {
  record->kind = planted.kind;
  record->event_time = pending.event_time;
  record->export_time =
      planted.kind == RecordKind::kAudit ? pending.event_time : pending.ready_time;
  record->seed = pending.seed;
  record->tenant = &population.tenants()[pending.tenant];
  population.Describe(pending.tenant, pending.user, planted.place, &record->person);
  if (planted.role == Role::kGuest) {
    population.MakeGuest(pending.tenant, pending.user, &record->person);
  }
  if (planted.role == Role::kByNameOnly) record->person.id = {};
  record->source = planted.source;
  record->app = &Apps()[planted.app];
  record->code = planted.code;
  record->session = planted.session;
  record->mfa_method = planted.mfa_method;
  record->blocked = planted.blocked;
  record->risk = planted.risk;
  record->risk_type = "anomalousToken";
  record->operation = planted.operation;
  record->actor = planted.actor;
}

}  // namespace signinwatch::generator
