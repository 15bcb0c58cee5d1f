#include "daemon/generator/background.h"

#include <algorithm>

#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

// Of one person, in a local hour of a working day.
constexpr uint32_t kHourWeights[24] = {3,  2,  2,  2,  3,  6,  15, 45, 90, 100, 95, 90,
                                       70, 85, 95, 90, 80, 55, 30, 20, 15, 12,  8,  5};
constexpr uint32_t kDayWeight = [] {
  uint32_t sum = 0;
  for (const uint32_t weight : kHourWeights) sum += weight;
  return sum;
}();
constexpr uint32_t kMachineWeight = kDayWeight / 24;
constexpr uint64_t kRecordsAUserAndDay = 20;

// Set in Pending::seed for the single watched failures.
constexpr uint64_t kWatchedBit = 1;

uint64_t WeightAt(const Crew& crew, Ticks t) {
  if (crew.machines) return uint64_t{crew.users} * kMachineWeight;
  const int64_t local_hours = (t + Places()[crew.place].zone_minutes * kMinute) / kHour;
  const int64_t weekday = (local_hours / 24 + 4) % 7;  // 1970-01-01 was a Thursday; 0 is Sunday
  const uint64_t weight = uint64_t{crew.users} * kHourWeights[local_hours % 24];
  return weekday == 0 || weekday == 6 ? weight / 8 : weight;
}

// a * b / c without overflow, for b <= c.
uint64_t Scale(uint64_t a, uint64_t b, uint64_t c) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<uint64_t>(static_cast<Wide>(a) * b / c);
}

RecordKind DrawKind(Random& random) {
  const uint64_t kind = random.Below(1000);
  if (kind < 560) return RecordKind::kNonInteractive;
  if (kind < 710) return RecordKind::kInteractive;
  if (kind < 850) return RecordKind::kServicePrincipal;
  if (kind < 900) return RecordKind::kManagedIdentity;
  if (kind < 920) return RecordKind::kAdfs;
  if (kind < 970) return RecordKind::kAudit;
  if (kind < 977) return RecordKind::kRiskyUser;
  if (kind < 980) return RecordKind::kRiskEvent;
  return RecordKind::kProvisioning;
}

int32_t DrawError(Random& random) {
  static const uint32_t kWeights = [] {
    uint32_t sum = 0;
    for (const ErrorText& error : BackgroundErrors()) sum += error.weight;
    return sum;
  }();
  uint64_t left = random.Below(kWeights);
  for (const ErrorText& error : BackgroundErrors()) {
    if (left < error.weight) return error.code;
    left -= error.weight;
  }
  return 0;
}

// Mostly records that are no credential event; now and then somebody changes a password.
void DrawOperation(Random& random, Record* record) {
  if (random.Percent(92)) {
    const auto operations = BackgroundOperations();
    record->operation = operations[random.Below(operations.size())];
    record->actor = random.OneIn(5) ? Actor::kNobody : Actor::kAdmin;
  } else if (random.OneIn(2)) {
    record->operation = {"Change user password", "Core Directory", "UserManagement", "Update"};
    record->actor = random.OneIn(2) ? Actor::kSyncAccount : Actor::kSelf;
  } else {
    record->operation = {"Reset password (self-service)", "Self-service Password Management",
                         "UserManagement", "Update"};
    record->actor = Actor::kSelf;
  }
}

}  // namespace

Background::Background(const Population& population, uint64_t seed, Ticks start, Ticks duration,
                       uint64_t records)
    : population_(population),
      random_(Mix(seed, 2)),
      start_(start),
      duration_(duration),
      records_(records) {
  const int64_t minutes = (duration + kMinute - 1) / kMinute;
  for (int64_t minute = 0; minute < minutes; minute += 60) {
    EnterHour(minute / 60);
    weight_ += crew_ends_.back() * static_cast<uint64_t>(std::min<int64_t>(60, minutes - minute));
  }
  if (records_ == 0) records_ = Scale(weight_, kRecordsAUserAndDay, uint64_t{kDayWeight} * 60);
  // At most one watched failure in fifty records, and one in half an hour for a tenant.
  const uint64_t turns = population.tenants().size() * static_cast<uint64_t>(minutes) / 10;
  watched_one_in_ =
      std::clamp<uint64_t>(50 * turns / std::max<uint64_t>(1, records_), 3, 1'000'000);
}

void Background::EnterHour(int64_t hour) {
  crew_ends_.clear();
  uint64_t sum = 0;
  for (const Crew& crew : population_.crews()) {
    sum += WeightAt(crew, start_ + hour * kHour);
    crew_ends_.push_back(sum);
  }
}

void Background::Emit(int64_t minute, Exporter* exporter) {
  if (minute * kMinute >= duration_) return;
  if (minute % 60 == 0) EnterHour(minute / 60);
  weight_before_ += crew_ends_.back();
  const uint64_t due = weight_ == 0 ? 0 : Scale(records_, weight_before_, weight_);
  for (; emitted_ < due; ++emitted_) EmitOne(minute, exporter);
  const auto tenants = static_cast<uint32_t>(population_.tenants().size());
  for (auto tenant = static_cast<uint32_t>(minute % 10); tenant < tenants; tenant += 10) {
    if (!InLull(minute * kMinute) && random_.OneIn(watched_one_in_))
      EmitWatched(minute, tenant, exporter);
  }
}

void Background::EmitOne(int64_t minute, Exporter* exporter) {
  const uint64_t at = random_.Next() % crew_ends_.back();
  const auto crew = static_cast<uint32_t>(
      std::upper_bound(crew_ends_.begin(), crew_ends_.end(), at) - crew_ends_.begin());
  const Crew& members = population_.crews()[crew];
  // Half of the records come from a quarter of the users.
  const uint32_t drawn = random_.OneIn(2) ? members.users : (members.users + 3) / 4;
  Pending pending{};
  pending.seed = random_.Next() & ~kWatchedBit;
  pending.tenant = members.tenant;
  pending.crew = crew;
  pending.user = members.first_user + static_cast<uint32_t>(random_.Below(drawn));
  pending.planted = kNotPlanted;
  pending.event_time = start_ + minute * kMinute + random_.Between(0, kMinute - 1);
  Random own(pending.seed);
  const RecordKind kind = DrawKind(own);
  if (kind == RecordKind::kAdfs) pending.event_time -= pending.event_time % kSecond;
  pending.ready_time = Exporter::ReadyTime(pending.event_time, random_);
  exporter->Add(pending, IsSignIn(kind), random_);
}

void Background::EmitWatched(int64_t minute, uint32_t tenant, Exporter* exporter) {
  Pending pending{};
  pending.seed = random_.Next() | kWatchedBit;
  pending.tenant = tenant;
  pending.crew = tenant * 4;  // a tenant's first crew is its people at home
  pending.user = static_cast<uint32_t>(random_.Below(population_.crews()[pending.crew].users));
  pending.planted = kNotPlanted;
  pending.event_time = start_ + minute * kMinute + random_.Between(0, kMinute - 1);
  pending.ready_time = Exporter::ReadyTime(pending.event_time, random_);
  exporter->Add(pending, true, random_);
}

void Background::Describe(const Pending& pending, Record* record) const {
  Random random(pending.seed);
  const uint32_t place = population_.crews()[pending.crew].place;
  record->kind = DrawKind(random);
  record->event_time = pending.event_time;
  record->export_time = pending.ready_time;
  record->seed = random.Next();
  record->tenant = &population_.tenants()[pending.tenant];
  population_.Describe(pending.tenant, pending.user, place, &record->person);
  const auto habit = static_cast<Habit>(random.Below(kHabitCount));
  population_.DescribeSource(pending.tenant, pending.user, place, habit, &record->source);
  record->app = &Apps()[(pending.user + random.Below(4)) % Apps().size()];
  record->code = random.Percent(11) ? DrawError(random) : 0;
  // One person in thirty never set up MFA; the others pass it now and then.
  if (pending.user % 30 != 7) {
    const bool passed = record->kind == RecordKind::kInteractive && random.OneIn(3);
    record->mfa_method = passed ? record->person.mfa_method : kByClaim;
  } else {
    record->mfa_method = {};
  }
  record->risk = record->kind == RecordKind::kRiskEvent || random.OneIn(200) ? "low" : "none";
  record->risk_type = "unfamiliarFeatures";
  record->session = {};
  record->blocked = false;
  if ((pending.seed & kWatchedBit) != 0) {
    record->kind = RecordKind::kNonInteractive;
    record->code = random.OneIn(2) ? 50132 : 50173;
  } else if (record->kind == RecordKind::kAudit) {
    record->export_time = record->event_time;
    DrawOperation(random, record);
  } else if (record->kind == RecordKind::kServicePrincipal && record->code != 0) {
    record->code = 7000222;
  } else if (record->kind == RecordKind::kManagedIdentity) {
    record->code = 0;
  } else if (record->kind == RecordKind::kInteractive && random.Percent(6)) {
    record->source.client = &Clients()[kModernClients + random.Below(3)];
  }
}

}  // namespace signinwatch::generator
