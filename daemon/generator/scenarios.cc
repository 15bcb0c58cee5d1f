#include "daemon/generator/scenarios.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "daemon/generator/random.h"
#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

void Persistent(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, -20 * kMinute);
  // Five hours with never as much as ten minutes of quiet.
  const Failures failures = scene.Fail(0, 70, {4 * kMinute, 8 * kMinute});
  scene.Expect(failures, "password_changed").persistent = true;
}

void ThirdInADay(Scene& scene) {
  scene.WorkAsUsual();
  scene.Expect(scene.Fail(0, 15), "unexplained");
  scene.Expect(scene.Fail(2 * kHour, 15), "unexplained");
  scene.Expect(scene.Fail(4 * kHour, 15), "unexplained").persistent = true;
}

void PasswordChanged(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, -12 * kMinute);
  scene.Expect(scene.Fail(0, 22), "password_changed");
}

void PasswordReset(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnReset, -9 * kMinute);
  scene.Expect(scene.Fail(0, 14), "password_reset");
}

void PasswordResetByAdmin(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kAdminReset, -40 * kMinute);
  scene.Expect(scene.Fail(0, 18), "password_reset_by_admin");
}

void PasswordSynced(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kSync, -6 * kMinute);
  scene.Expect(scene.Fail(0, 16), "password_synced");
}

void PasswordSyncedByApplication(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kAppSync, -6 * kMinute);
  scene.Expect(scene.Fail(0, 16), "password_synced");
}

void SyncDelay(Scene& scene) {
  scene.WorkAsUsual();
  // The new password is tried before it has been synchronised.
  scene.SignIn(-35 * kMinute, 50126, RecordKind::kInteractive);
  scene.SignIn(-34 * kMinute, 50126, RecordKind::kInteractive);
  scene.Change(Credential::kSync, -8 * kMinute);
  scene.Expect(scene.Fail(0, 17), "sync_delay");
}

void SessionsRevoked(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kRevoke, -3 * kMinute);
  scene.Expect(scene.Fail(0, 20), "sessions_revoked");
}

void PasswordExpired(Scene& scene) {
  scene.WorkAsUsual();
  scene.SignIn(-50 * kMinute, 50055, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 12), "password_expired");
}

void PasswordExpiredOnPremises(Scene& scene) {
  scene.WorkAsUsual();
  scene.SignIn(-2 * kMinute, 50144, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 12), "password_expired");
}

void IncorrectPassword(Scene& scene) {
  scene.WorkAsUsual();
  for (int i = 0; i < 6; ++i)
    scene.SignIn(-50 * kMinute + i * 9 * kMinute, 50126, RecordKind::kInteractive);
  scene.Expect(scene.Fail(0, 13), "incorrect_password");
}

void Unexplained(Scene& scene) {
  scene.WorkAsUsual();
  scene.Expect(scene.Fail(0, 25), "unexplained");
}

void ForceChangeOnly(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kForceChange, -15 * kMinute);
  scene.Expect(scene.Fail(0, 12), "unexplained");
}

void ChangedDuring(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, 9 * kMinute);
  scene.Expect(scene.Fail(0, 24), "unexplained");
}

void UnfamiliarSource(Scene& scene) {
  scene.WorkAsUsual();
  scene.Expect(scene.FailFrom(scene.ForeignSource(), 0, 19), "unexplained").unfamiliar_source =
      true;
}

void UnfamiliarSourceAfterChange(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, -5 * kMinute);
  scene.Expect(scene.FailFrom(scene.ForeignSource(), 0, 12), "password_changed").unfamiliar_source =
      true;
}

void Reopened(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, -12 * kMinute);
  const Failures first = scene.Fail(0, 12);
  const Failures second = scene.Fail(scene.Relative(first.last) + 25 * kMinute, 14);
  Label& label = scene.Expect(second, "password_changed");
  label.reopened = 1;
  label.total_event_count = first.count + second.count;
}

void Reauthenticated(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnReset, -4 * kMinute);
  const Failures failures = scene.Fail(0, 15);
  scene.SignIn(scene.Relative(failures.last) + 4 * kMinute, 0, RecordKind::kInteractive);
  scene.Expect(failures, "password_reset").resolution = "reauthenticated";
}

void QuietBesideMailClient(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnReset, -4 * kMinute);
  const Failures failures = scene.Fail(0, 15);
  // Neither a success amid the failures nor a mail client shows that all clients are back.
  scene.SignIn(kMinute, 0, RecordKind::kInteractive);
  scene.MailSignIn(scene.Relative(failures.last) + 3 * kMinute);
  scene.Expect(failures, "password_reset");
}

void KnownByNameOnly(Scene& scene) {
  scene.HideObjectId();
  scene.WorkAsUsual();
  scene.Change(Credential::kOwnChange, -30 * kMinute);
  scene.Expect(scene.Fail(0, 15), "password_changed");
}

void AuditLate(Scene& scene) {
  scene.WorkAsUsual();
  scene.set_audit_delay(21 * kMinute);
  scene.Change(Credential::kAdminReset, -kMinute);
  scene.Expect(scene.Fail(0, 14), "password_reset_by_admin");
}

void ResetThenRevoked(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kAdminReset, -30 * kMinute);
  scene.Change(Credential::kRevoke, -10 * kMinute);
  scene.Expect(scene.Fail(0, 14), "password_reset_by_admin");
}

void OneBelowThreshold(Scene& scene) {
  scene.WorkAsUsual();
  scene.ExpectNothing(scene.Fail(0, 9));
}

void TooSlow(Scene& scene) {
  scene.WorkAsUsual();
  scene.ExpectNothing(scene.FailSlowly(0, 25, 67 * kSecond));
}

void OtherCodes(Scene& scene) {
  scene.WorkAsUsual();
  for (int i = 0; i < 30; ++i)
    scene.SignIn(i * 15 * kSecond, i % 2 == 0 ? 500133 : 700082, RecordKind::kNonInteractive);
  scene.ExpectNothing(scene.Fail(0, 3));
}

void GuestOfAPartner(Scene& scene) {
  scene.ComeAsGuest();
  scene.WorkAsUsual();
  scene.Expect(scene.Fail(0, 14), "home_tenant");
}

void CloudSync(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kCloudSync, -7 * kMinute);
  scene.Expect(scene.Fail(0, 15), "password_synced");
}

void FederatedStampAlone(Scene& scene) {
  scene.WorkAsUsual();
  scene.Change(Credential::kSyncStamp, -5 * kMinute);
  scene.Expect(scene.Fail(0, 13), "password_synced");
}

struct UserScenario {
  std::string_view name;
  void (*play)(Scene&);
};
// The long ones first: they take hours, the others less than an hour.
constexpr UserScenario kUserScenarios[] = {
    {"persistent", Persistent},
    {"third_in_a_day", ThirdInADay},
    {"password_changed", PasswordChanged},
    {"password_reset", PasswordReset},
    {"password_reset_by_admin", PasswordResetByAdmin},
    {"password_synced", PasswordSynced},
    {"password_synced_by_application", PasswordSyncedByApplication},
    {"sync_delay", SyncDelay},
    {"sessions_revoked", SessionsRevoked},
    {"password_expired", PasswordExpired},
    {"password_expired_on_premises", PasswordExpiredOnPremises},
    {"incorrect_password", IncorrectPassword},
    {"unexplained", Unexplained},
    {"force_change_only", ForceChangeOnly},
    {"changed_during", ChangedDuring},
    {"unfamiliar_source", UnfamiliarSource},
    {"unfamiliar_source_after_change", UnfamiliarSourceAfterChange},
    {"reopened", Reopened},
    {"reauthenticated", Reauthenticated},
    {"quiet_beside_mail_client", QuietBesideMailClient},
    {"known_by_name_only", KnownByNameOnly},
    {"audit_late", AuditLate},
    {"reset_then_revoked", ResetThenRevoked},
    {"one_below_threshold", OneBelowThreshold},
    {"too_slow", TooSlow},
    {"other_codes", OtherCodes},
    {"guest", GuestOfAPartner},
    {"cloud_sync", CloudSync},
    {"federated_stamp_alone", FederatedStampAlone},
};

constexpr Ticks kFirstUserScenario = 4 * kHour;
constexpr Ticks kBetweenUserScenarios = 28 * kMinute;
static_assert(kFirstUserScenario + (std::size(kUserScenarios) - 1) * kBetweenUserScenarios <
              18 * kHour - 50 * kMinute);

// All tenant scenarios begin more than 30 min (the tenant detector's quiet time) after the lull
// does, and end more than that before it ends.
constexpr Ticks kMassReset = 19 * kHour;
constexpr Ticks kMixed = 20 * kHour + 45 * kMinute;
constexpr Ticks kTooFewUsers = 22 * kHour + 15 * kMinute;

// Sets of scenarios a day. A set is some 1,300 records, and the plan is held in memory.
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
  static void Join(const Failures& more, Failures* all);

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
  Scene scene(population_, seed_, tenant, user, start, &next_);
  scene.set_scenario(scenario);
  return scene;
}

void Planner::Take() {
  const bool fits = std::all_of(next_.records.begin(), next_.records.end(), [&](const Planted& p) {
    return p.pending.event_time >= start_ && p.pending.event_time < end_;
  });
  if (fits) {
    std::move(next_.records.begin(), next_.records.end(), std::back_inserter(plan_.records));
    std::move(next_.labels.begin(), next_.labels.end(), std::back_inserter(plan_.labels));
  }
  next_ = {};
}

void Planner::Join(const Failures& more, Failures* all) {
  all->first = all->count == 0 ? more.first : std::min(all->first, more.first);
  all->last = std::max(all->last, more.last);
  all->count += more.count;
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
  constexpr int kUsers = 25;
  std::vector<std::pair<Scene, Failures>> cast;
  Failures all;
  for (int i = 0; i < kUsers; ++i) {
    Scene scene = NewScene(tenant, start + i * 20 * kSecond, kName);
    scene.WorkAsUsual();
    scene.Change(Credential::kAdminReset, -6 * kMinute);
    const bool heavy = i % 12 == 0;  // three of them get tickets of their own
    const Failures own = heavy ? scene.Fail(0, 14) : scene.FailSlowly(0, 3, (2 + i % 4) * kMinute);
    scene.SignIn(scene.Relative(own.last) + 4 * kMinute, 0, RecordKind::kInteractive);
    if (heavy) {
      Label& label = scene.Expect(own, "password_reset_by_admin");
      label.resolution = "reauthenticated";
      label.parent = true;
    }
    Join(own, &all);
  }
  Label& label = ExpectOfTenant(kName, tenant, all);
  label.cause = "password_reset_by_admin";
  label.resolution = "reauthenticated";
}

void Planner::Mixed(uint32_t tenant, Ticks start) {
  constexpr std::string_view kName = "mixed";
  constexpr int kUsers = 24;
  Failures all;
  for (int i = 0; i < kUsers; ++i) {
    Scene scene = NewScene(tenant, start + i * 25 * kSecond, kName);
    scene.WorkAsUsual();
    if (i % 3 == 0) scene.Change(Credential::kOwnChange, -15 * kMinute);
    if (i % 3 == 1) scene.SignIn(-20 * kMinute, 50055, RecordKind::kInteractive);
    Join(scene.FailSlowly(0, 4, (1 + i % 3) * kMinute), &all);
  }
  ExpectOfTenant(kName, tenant, all).cause = "mixed";
}

void Planner::TooFewUsers(uint32_t tenant, Ticks start) {
  constexpr std::string_view kName = "too_few_users";
  constexpr int kUsers = 14;
  Failures all;
  for (int i = 0; i < kUsers; ++i) {
    Scene scene = NewScene(tenant, start + i * 30 * kSecond, kName);
    scene.WorkAsUsual();
    Join(scene.FailSlowly(0, 6, 90 * kSecond), &all);
  }
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
    kUserScenarios[i].play(scene);
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
                   [](const Planted& a, const Planted& b) {
                     return a.pending.event_time < b.pending.event_time;
                   });
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
  if (planted.guest) population.MakeGuest(pending.tenant, pending.user, &record->person);
  if (planted.name_only) record->person.id = {};
  record->source = planted.source;
  record->app = &Apps()[planted.app];
  record->code = planted.code;
  record->operation = planted.operation;
  record->actor = planted.actor;
}

}  // namespace signinwatch::generator
