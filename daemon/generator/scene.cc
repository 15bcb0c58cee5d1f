#include "daemon/generator/scene.h"

#include <string>

#include "daemon/generator/record_writer.h"
#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

constexpr std::string_view kDirectory = "Core Directory";
constexpr std::string_view kSelfService = "Self-service Password Management";

AuditOperation Operation(std::string_view name, std::string_view service) {
  return {name, service, "UserManagement", "Update"};
}

constexpr std::string_view kRevocation = "Update StsRefreshTokenValidFrom Timestamp";

int32_t DrawWatchedCode(Random& random) {
  const uint64_t kind = random.Below(100);
  if (kind < 50) return 50132;
  return kind < 85 ? 50173 : 50133;
}

}  // namespace

Scene::Scene(const Population& population, uint64_t seed, uint32_t tenant, uint32_t user,
             Ticks earliest, Ticks start, Plan* plan)
    : population_(population),
      random_(Mix(seed, uint64_t{tenant} << 32 | user)),
      tenant_(tenant),
      user_(user),
      start_(start),
      plan_(plan),
      earliest_(earliest) {}

Source Scene::OwnSource(Habit habit) const {
  Source source;
  population_.DescribeSource(tenant_, user_, population_.tenants()[tenant_].home_place, habit,
                             &source);
  return source;
}

Source Scene::ForeignSource() const { return population_.ForeignSource(tenant_, user_); }

Planted Scene::NewPlanted(Ticks at, RecordKind kind, Ticks delay) {
  Planted planted;
  planted.pending.event_time = at;
  planted.pending.ready_time = delay == 0 ? Exporter::ReadyTime(at, random_) : at + delay;
  planted.pending.seed = random_.Next();
  planted.pending.tenant = tenant_;
  planted.pending.user = user_;
  planted.kind = kind;
  planted.place = population_.tenants()[tenant_].home_place;
  planted.role = role_;
  return planted;
}

void Scene::AddSignIn(Ticks at, int32_t code, RecordKind kind, const Source& source, Guid session) {
  Planted planted = NewPlanted(at, kind, 0);
  planted.source = source;
  planted.app = static_cast<uint32_t>(random_.Below(Apps().size()));
  planted.code = code;
  planted.session = session;
  planted.blocked = blocked_;
  planted.risk = risk_;
  if (role_ != Role::kWithoutMfa) {
    Person person;
    population_.Describe(tenant_, user_, planted.place, &person);
    planted.mfa_method = kind == RecordKind::kInteractive ? person.mfa_method : kByClaim;
    if (code == 0) passed_.emplace_back(at, planted.mfa_method);
  }
  plan_->records.push_back(planted);
}

void Scene::AddAudit(Ticks at, AuditOperation operation, Actor actor) {
  Planted planted = NewPlanted(at, RecordKind::kAudit, delay_);
  planted.operation = operation;
  planted.actor = actor;
  plan_->records.push_back(planted);
}

void Scene::WorkAsUsual() {
  for (uint32_t i = 0; i < kHabitCount; ++i) {
    const Ticks at = start_ - random_.Between(kHour, 3 * kHour);
    const RecordKind kind = i == 0 ? RecordKind::kInteractive : RecordKind::kNonInteractive;
    AddSignIn(at, 0, kind, OwnSource(static_cast<Habit>(i)));
  }
  const Ticks midnight = start_ - start_ % kWholeDay;
  const Ticks evening = std::max(earliest_, midnight - 4 * kHour);
  if (evening > midnight - kMinute) return;
  const Ticks at = random_.Between(evening, midnight - kMinute);
  AddSignIn(at, 0, RecordKind::kInteractive, OwnSource(Habit::kOffice));
}

void Scene::ChangeSecurityInfo(Ticks at) {
  AddAudit(start_ + at,
           {"User registered security info", "Authentication Methods", "UserManagement", "Update"},
           Actor::kSelf);
}

void Scene::ChangePolicy(Ticks at) {
  AddAudit(start_ + at,
           {"Update conditional access policy", "Conditional Access", "Policy", "Update"},
           Actor::kAdmin);
}

void Scene::DetectStolenToken(Ticks at) {
  Planted planted = NewPlanted(start_ + at, RecordKind::kRiskEvent, delay_);
  planted.source = ForeignSource();
  planted.risk = "medium";
  plan_->records.push_back(planted);
}

void Scene::Change(Credential how, Ticks at) {
  const Ticks t = start_ + at;
  const Ticks soon = t + 4 * kSecond / 10;
  switch (how) {
    case Credential::kOwnChange:
      AddAudit(t, Operation("Change password (self-service)", kSelfService), Actor::kSelf);
      AddAudit(soon, Operation("Change user password", kDirectory), Actor::kSelf);
      AddAudit(soon, Operation(kRevocation, kDirectory), Actor::kSelf);
      break;
    case Credential::kOwnReset:
      AddAudit(t - 3 * kSecond,
               Operation("Self-service password reset flow activity progress", kSelfService),
               Actor::kSelf);
      AddAudit(t, Operation("Reset user password", kDirectory), Actor::kResetService);
      AddAudit(soon, Operation(kRevocation, kDirectory), Actor::kResetService);
      AddAudit(soon + kSecond, Operation("Reset password (self-service)", kSelfService),
               Actor::kSelf);
      break;
    case Credential::kAdminReset:
      AddAudit(t, Operation("Reset password (by admin)", kSelfService), Actor::kAdmin);
      AddAudit(soon, Operation("Reset user password", kDirectory), Actor::kAdmin);
      AddAudit(soon, Operation(kRevocation, kDirectory), Actor::kAdmin);
      break;
    case Credential::kSync:
      AddAudit(t, Operation("Change user password", kDirectory), Actor::kSyncAccount);
      AddAudit(soon, Operation(kRevocation, kDirectory), Actor::kSyncAccount);
      break;
    case Credential::kAppSync:
      AddAudit(t, Operation("Update PasswordProfile", kDirectory), Actor::kSyncApp);
      break;
    case Credential::kCloudSync:
      AddAudit(t, Operation("Change user password", kDirectory), Actor::kCloudSyncAccount);
      AddAudit(soon, Operation(kRevocation, kDirectory), Actor::kCloudSyncAccount);
      break;
    case Credential::kSyncStamp:
      AddAudit(t, Operation(kRevocation, kDirectory), Actor::kSyncAccount);
      break;
    case Credential::kRevoke:
      AddAudit(t, Operation(kRevocation, kDirectory), Actor::kAdmin);
      AddAudit(t + kSecond / 1000, Operation("Update user", kDirectory), Actor::kAdmin);
      break;
    case Credential::kForceChange:
      AddAudit(t, Operation("Set force change user password", kDirectory), Actor::kAdmin);
      break;
  }
}

void Scene::AddFailure(Ticks at, const Source& source, Guid session, Failures* failures) {
  const int32_t code = DrawWatchedCode(random_);
  const bool interactive = code != 50173 && random_.Percent(30);
  AddSignIn(at, code, interactive ? RecordKind::kInteractive : RecordKind::kNonInteractive, source,
            session);
  if (failures->count == 0) failures->first = at;
  failures->last = at;
  ++failures->count;
  if (blocked_) ++failures->blocked;
}

Failures Scene::FailFrom(const Source& source, Ticks at, uint32_t count, Pace pace) {
  const Guid session = NextGuid(random_);
  Failures failures;
  Ticks t = start_ + at;
  for (uint32_t i = 0; i < count; ++i) {
    AddFailure(t, source, session, &failures);
    t += i < 12 ? random_.Between(15 * kSecond, 40 * kSecond) : random_.Between(pace.from, pace.to);
  }
  return failures;
}

Failures Scene::Fail(Ticks at, uint32_t count, Pace pace) {
  return FailFrom(OwnSource(static_cast<Habit>(random_.Below(kHabitCount))), at, count, pace);
}

Failures Scene::FailInTwoPlaces(const Source& elsewhere, Ticks at, uint32_t count) {
  const Source own = OwnSource(Habit::kOffice);
  const Guid session = NextGuid(random_);
  Failures failures;
  for (uint32_t i = 0; i < count; ++i) {
    AddFailure(start_ + at + i * 30 * kSecond, i % 2 == 0 ? own : elsewhere, session, &failures);
  }
  return failures;
}

Failures Scene::FailSlowly(Ticks at, uint32_t count, Ticks gap) {
  const Source source = OwnSource(Habit::kPhone);
  const Guid session = NextGuid(random_);
  Failures failures;
  for (uint32_t i = 0; i < count; ++i) {
    AddFailure(start_ + at + i * gap, source, session, &failures);
  }
  return failures;
}

void Scene::SignIn(Ticks at, int32_t code, RecordKind kind) {
  AddSignIn(start_ + at, code, kind, OwnSource(Habit::kOffice));
}

void Scene::SignInFrom(const Source& source, Ticks at) {
  AddSignIn(start_ + at, 0, RecordKind::kNonInteractive, source);
}

void Scene::MailSignIn(Ticks at) {
  Source source = OwnSource(Habit::kPhone);
  source.client = &Clients()[kModernClients];
  AddSignIn(start_ + at, 0, RecordKind::kInteractive, source);
}

std::vector<std::string_view> Scene::MethodsBefore(Ticks start) const {
  const Ticks midnight = start - start % kWholeDay;
  std::vector<std::string_view> methods;
  for (const auto& [at, method] : passed_) {
    if (at < midnight) methods.push_back(method);
  }
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  return methods;
}

Label& Scene::AddLabel(const Failures& failures) {
  Person person;
  population_.Describe(tenant_, user_, population_.tenants()[tenant_].home_place, &person);
  if (role_ == Role::kGuest) population_.MakeGuest(tenant_, user_, &person);
  Label label;
  label.scenario = scenario_;
  label.tenant_id = population_.tenants()[tenant_].id_text;
  if (role_ != Role::kByNameOnly) label.user_id = FormatGuid(person.id);
  label.user_principal_name = person.user_principal_name;
  label.first = failures.first;
  label.last = failures.last;
  label.event_count = failures.count;
  label.total_event_count = failures.count;
  label.mfa_methods = MethodsBefore(failures.first);
  label.blocked = failures.blocked;
  label.guest = role_ == Role::kGuest;
  plan_->labels.push_back(label);
  return plan_->labels.back();
}

Label& Scene::Expect(const Failures& failures, std::string_view cause) {
  Label& label = AddLabel(failures);
  label.cause = cause;
  return label;
}

void Scene::ExpectNothing(const Failures& failures) { AddLabel(failures).detector = {}; }

}  // namespace signinwatch::generator
