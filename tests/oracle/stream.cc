#include "tests/oracle/stream.h"

#include <algorithm>
#include <utility>

#include "tests/oracle/oracle.h"
#include "tests/oracle/random.h"
#include "tests/oracle/stream_cast.h"

namespace signinwatch::oracle {
namespace {

constexpr size_t kRecordsMin = 10;
constexpr size_t kRecordsMax = 300;
constexpr int64_t kFirstDay = 1'773'100'800 * kSecondUs;  // 2026-03-10T00:00:00Z
constexpr int64_t kAction = 5 * kMinuteUs;                // SPEC 6.1

// A burst as it was planned. Other stories may make it longer, join it with another, or keep it
// from being one: what it really is, only the oracle says.
struct Planned {
  Person person;
  OracleRule rule;
  int64_t s = 0;
  int64_t e = 0;
};

class StreamMaker {
 public:
  explicit StreamMaker(uint64_t seed, bool wild = false) : random_(seed), wild_(wild) {
    stream_.config = RandomConfig(&random_);
    people_ = RandomPeople(&random_);
    if (!wild) return;
    for (OracleRule& rule : stream_.config.rules) {
      rule.max_duration = random_.Between(1, 4) * rule.quiet + random_.Between(0, 1) * kMinuteUs;
    }
  }

  Stream Make() {
    const size_t stories = 1 + random_.Below(5);
    for (size_t i = 0; i < stories; ++i) AddStory();
    while (stream_.records.size() < kRecordsMin) AddNoise();
    random_.Shuffle(&stream_.records);
    if (stream_.records.size() > kRecordsMax) stream_.records.resize(kRecordsMax);
    return std::move(stream_);
  }

 private:
  // A time at one of `edges`, which are counted under their labels.
  struct Edge {
    const char* label;
    int64_t time_us;
  };
  int64_t At(const std::vector<Edge>& edges) {
    const Edge& edge = random_.Pick(edges);
    ++stream_.labels[edge.label];
    return edge.time_us;
  }
  void Label(const char* label) { ++stream_.labels[label]; }

  void Add(PlainRecord record) { stream_.records.push_back(std::move(record)); }
  void AddSignin(const Person& person, int64_t code, int64_t time_us) {
    Add(RandomSignin(person, code, time_us, &random_));
  }
  int64_t CodeOf(const OracleRule& rule) {
    return random_.Pick(std::vector<int64_t>(rule.codes.begin(), rule.codes.end()));
  }
  void AddFailure(const Planned& burst, int64_t time_us) {
    AddSignin(burst.person, CodeOf(burst.rule), time_us);
    if (random_.Percent(3)) {
      // The same id in another category is another sign-in (SPEC 4).
      PlainRecord twin = stream_.records.back();
      twin.category = twin.category == "SignInLogs" ? "NonInteractiveUserSignInLogs" : "SignInLogs";
      if (!twin.id.empty()) Label("same id in two categories");
      Add(std::move(twin));
    }
  }

  void AddStory();
  void AddNoise();
  int64_t StoryStart();
  Planned AddBurst(const Person& person, const OracleRule& rule, int64_t start);
  void AddVariety(const Planned& burst);
  void AddTail(Planned* burst);
  void AddChanges(const Planned& burst);
  void AddAction(const Person& person, int64_t time_us);
  void AddSyncDelay(const Planned& burst);
  void AddPasswordFailures(const Planned& burst);
  void AddFamiliarity(const Planned& burst);
  void AddReturn(const Planned& burst);
  void AddRisks(const Planned& burst);
  void AddSecurityInfo(const Planned& burst);
  void AddPolicies(const Planned& burst);
  void AddNext(const Planned& burst);
  void AddEarlier(const Planned& burst);
  void AddTenantWave(const Planned& burst);
  void AddLongSession(const Planned& burst);
  void AddSilence(const Planned& burst);

  Random random_;
  const bool wild_;
  Stream stream_;
  std::vector<Person> people_;
  std::vector<Planned> planned_;
};

int64_t StreamMaker::StoryStart() {
  if (!planned_.empty() && random_.Percent(60)) {
    const Planned& other = random_.Pick(planned_);
    return At({{"story at another's start", other.s},
               {"story at another's end", other.e},
               {"story 1 us after another's end", other.e + 1},
               {"story Q after another's end", other.e + other.rule.quiet}});
  }
  // Near midnight, where the days of familiarity meet, or anywhere.
  if (random_.Percent(40)) {
    Label("story at midnight");
    return kFirstDay + random_.Between(-2, 2) * random_.Between(0, 3) * kMinuteUs;
  }
  return kFirstDay + random_.Between(0, 3 * kDayUs / kSecondUs) * kSecondUs;
}

// N events or about N from `start` on: on or beside the edges of the window.
Planned StreamMaker::AddBurst(const Person& person, const OracleRule& rule, int64_t start) {
  Planned burst{person, rule, start, start};
  const auto n = static_cast<int64_t>(rule.threshold);
  const int64_t last = At({{"events at one time", start},
                           {"N events in W less 1 us", start + rule.window - 1},
                           {"N events in exactly W", start + rule.window},
                           {"N events inside W", start + rule.window / 2}});
  AddFailure(burst, start);
  const int64_t between = random_.Percent(15) ? n - 3 : n - 2 + random_.Between(0, 2);
  for (int64_t i = 0; i < between; ++i) {
    AddFailure(burst, random_.Percent(20) ? start : random_.Between(start, last));
  }
  AddFailure(burst, last);
  burst.e = last;
  if (random_.Percent(20)) {
    // An event before the first hot one's span: of the session, not of the burst.
    AddFailure(burst, At({{"session event W before the burst's end", last - rule.window},
                          {"session event Q less 1 us before the start", start - rule.quiet + 1},
                          {"session event Q before the start", start - rule.quiet}}));
  }
  if (random_.Percent(8)) AddVariety(burst);
  if (random_.Percent(60)) AddTail(&burst);
  planned_.push_back(burst);
  return burst;
}

// More values than the counted lists and the evidence show.
void StreamMaker::AddVariety(const Planned& burst) {
  Label("more than 20 of each value");
  for (int i = 0; i < 24; ++i) {
    AddFailure(burst, random_.Between(burst.s, burst.e));
    PlainRecord& r = stream_.records.back();
    const std::string number = std::to_string(random_.Percent(90) ? i : i / 2);
    r.network = "100.64." + number;
    r.address = r.network + ".1";
    r.country = "C" + number;
    r.device_id = "device" + number;
    r.app_id = random_.Percent(70) ? "app" + number : "";
    r.app_name = random_.Percent(70) ? "App " + number : "";
    r.client_app = "Client " + number;
    r.token_type = "token" + number;
    r.failing_policies = {"Policy " + number};
    r.session_id = random_.Percent(70) ? "crowded" : "session" + number;
  }
}

void StreamMaker::AddTail(Planned* burst) {
  const int64_t quiet = burst->rule.quiet;
  const int64_t events = random_.Between(1, 6);
  for (int64_t i = 0; i < events; ++i) {
    const int64_t t =
        At({{"next event Q less 1 us later", burst->e + quiet - 1},
            {"next event exactly Q later", burst->e + quiet},
            {"next event soon", burst->e + random_.Between(0, quiet - 1)},
            {"lasts exactly persistent_after", burst->s + stream_.config.persistent_after},
            {"lasts persistent_after and 1 us", burst->s + stream_.config.persistent_after + 1}});
    AddFailure(*burst, t);
    if (t > burst->e && t - burst->e < quiet) burst->e = t;
  }
  if (random_.Percent(30)) {
    // Two sessions that one record joins, wherever in the arrival it comes.
    const int64_t gap = random_.Between(quiet, 2 * quiet - 2);
    Label("two sessions with a bridge");
    AddFailure(*burst, burst->e + std::max(gap - quiet + 1, int64_t{1}));
    for (size_t i = 0; i < burst->rule.threshold; ++i) AddFailure(*burst, burst->e + gap);
    burst->e += gap;
  }
}

// One action of a user: one to five audit records.
void StreamMaker::AddAction(const Person& person, int64_t time_us) {
  static const auto& kinds = *new std::vector<std::string>{
      "change", "self_reset", "admin_reset", "sync", "revoke", "revoke", "force_change"};
  Add(RandomCredentialEvent(person, random_.Pick(kinds), time_us, &random_));
  if (random_.Percent(20)) {
    // What the stamp of a synchronisation means depends on whether the account was disabled.
    Label("synchronised stamp");
    PlainRecord stamp = RandomCredentialEvent(person, "sync", time_us, &random_);
    stamp.operation = "Update StsRefreshTokenValidFrom Timestamp";
    stamp.time_us += random_.Between(-1, 1) * random_.Between(0, kAction);
    Add(std::move(stamp));
    if (random_.Percent(60)) {
      PlainRecord disabled = RandomCredentialEvent(person, "revoke", 0, &random_);
      disabled.operation = random_.Percent(80) ? "Disable account" : "disable account.";
      disabled.time_us = At({{"disabled with the stamp", time_us},
                             {"disabled 5 min after", time_us + kAction},
                             {"disabled 5 min and 1 us after", time_us + kAction + 1},
                             {"disabled before the stamp", time_us - random_.Between(1, kAction)}});
      Add(std::move(disabled));
    }
  }
  const uint64_t more = random_.Percent(50) ? 0 : random_.Below(4);
  for (uint64_t i = 0; i < more; ++i) {
    const int64_t t =
        At({{"audit record at the same time", time_us},
            {"audit record within 5 min", time_us + random_.Between(1, kAction)},
            {"audit record exactly 5 min later", time_us + kAction},
            {"audit record 5 min and 1 us later", time_us + kAction + 1},
            {"audit record 10 min later", time_us + 2 * kAction},
            {"audit record up to 5 min before", time_us - random_.Between(1, kAction)}});
    Add(RandomCredentialEvent(person, random_.Pick(kinds), t, &random_));
  }
}

void StreamMaker::AddChanges(const Planned& burst) {
  const OracleConfig& config = stream_.config;
  const uint64_t actions = 1 + random_.Below(3);
  for (uint64_t i = 0; i < actions; ++i) {
    const int64_t t = At({{"change at the start", burst.s},
                          {"change shortly before", burst.s - random_.Between(1, kHourUs)},
                          {"change shortly before", burst.s - random_.Between(1, kHourUs)},
                          {"change lookback before", burst.s - config.lookback},
                          {"change 1 us beyond lookback", burst.s - config.lookback - 1},
                          {"change max_clock_skew after", burst.s + config.max_clock_skew},
                          {"change 1 us beyond the skew", burst.s + config.max_clock_skew + 1},
                          {"change at the end", burst.e},
                          {"change 1 us after the end", burst.e + 1},
                          {"change 24 h before", burst.s - kDayUs},
                          {"change 1 us beyond 24 h", burst.s - kDayUs - 1},
                          {"change during", random_.Between(burst.s, burst.e)}});
    AddAction(burst.person, t);
    if (random_.Percent(15)) {
      Label("two changes at one time");
      AddAction(burst.person, t);
    }
  }
}

void StreamMaker::AddSyncDelay(const Planned& burst) {
  const int64_t t = burst.s - random_.Between(0, 2) * kHourUs - random_.Between(0, kSecondUs);
  Add(RandomCredentialEvent(burst.person, "sync", t, &random_));
  AddSignin(burst.person, 50126,
            At({{"wrong password at the synchronisation", t},
                {"wrong password 60 min before it", t - kHourUs},
                {"wrong password 1 us beyond 60 min", t - kHourUs - 1},
                {"wrong password 1 us after it", t + 1}}));
}

void StreamMaker::AddPasswordFailures(const Planned& burst) {
  if (random_.Percent(50)) {
    AddSignin(burst.person, random_.Percent(50) ? 50055 : 50144,
              At({{"expired 24 h before", burst.s - kDayUs},
                  {"expired 1 us beyond 24 h", burst.s - kDayUs - 1},
                  {"expired at the end", burst.e},
                  {"expired 1 us after the end", burst.e + 1}}));
    return;
  }
  const int64_t failures = random_.Between(4, 6);
  for (int64_t i = 0; i < failures; ++i) {
    AddSignin(
        burst.person, 50126,
        At({{"50126 60 min before", burst.s - kHourUs},
            {"50126 inside", random_.Between(burst.s - kHourUs, burst.e)},
            {"50126 inside", random_.Between(burst.s - kHourUs, burst.e)},
            {"50126 at the end", burst.e},
            {"50126 beside the span", random_.Percent(50) ? burst.s - kHourUs - 1 : burst.e + 1}}));
  }
}

void StreamMaker::AddFamiliarity(const Planned& burst) {
  const int64_t today = burst.s / kDayUs * kDayUs;
  const int64_t first_day = today - stream_.config.familiar_days * kDayUs;
  const uint64_t successes = 1 + random_.Below(3);
  for (uint64_t i = 0; i < successes; ++i) {
    AddSignin(burst.person, 0,
              At({{"success at the first familiar midnight", first_day},
                  {"success 1 us before the first familiar day", first_day - 1},
                  {"success at the midnight before the burst", today},
                  {"success 1 us before that midnight", today - 1},
                  {"success 1 us before the burst", burst.s - 1},
                  {"success at the burst's start", burst.s},
                  {"success days before", today - random_.Between(1, 10) * kDayUs}}));
  }
}

void StreamMaker::AddReturn(const Planned& burst) {
  const int64_t quiet = burst.rule.quiet;
  const uint64_t successes = 1 + random_.Below(3);
  for (uint64_t i = 0; i < successes; ++i) {
    AddSignin(burst.person, 0,
              At({{"back at the end", burst.e},
                  {"back 1 us before the end", burst.e - 1},
                  {"back between", burst.e + random_.Between(0, quiet - 1)},
                  {"back 1 us before end + Q", burst.e + quiet - 1},
                  {"back at end + Q", burst.e + quiet}}));
  }
}

void StreamMaker::AddRisks(const Planned& burst) {
  const OracleConfig& config = stream_.config;
  for (uint64_t risks = 1 + random_.Below(3); risks > 0; --risks) {
    const int64_t t = At({{"risk at the start", burst.s},
                          {"risk at the end", burst.e},
                          {"risk during", random_.Between(burst.s, burst.e)},
                          {"risk risk_before before", burst.s - config.risk_before},
                          {"risk 1 us beyond risk_before", burst.s - config.risk_before - 1},
                          {"risk max_clock_skew after", burst.e + config.max_clock_skew},
                          {"risk 1 us beyond the skew", burst.e + config.max_clock_skew + 1}});
    Add(RandomRiskEvent(burst.person, t, &random_));
    if (!random_.Percent(40) || stream_.records.back().id.empty()) continue;
    // What became of it: as late as another version, or later.
    PlainRecord next = RandomRiskEvent(burst.person, t, &random_);
    next.id = stream_.records.back().id;
    Label("risk in two versions");
    if (random_.Percent(30)) {
      Label("risk in two versions of one time");
      next.risk_updated_us = stream_.records.back().risk_updated_us;
    }
    Add(std::move(next));
  }
}

void StreamMaker::AddSecurityInfo(const Planned& burst) {
  const int64_t skewed = burst.s + stream_.config.max_clock_skew;
  for (uint64_t changes = 1 + random_.Below(3); changes > 0; --changes) {
    Add(RandomSecurityInfo(burst.person,
                           At({{"security info 24 h before", burst.s - kDayUs},
                               {"security info 1 us beyond 24 h", burst.s - kDayUs - 1},
                               {"security info before", burst.s - random_.Between(1, kHourUs)},
                               {"security info at the end", burst.e},
                               {"security info max_clock_skew after", skewed},
                               {"security info 1 us after both", std::max(burst.e, skewed) + 1}}),
                           &random_));
  }
}

void StreamMaker::AddPolicies(const Planned& burst) {
  for (uint64_t changes = 1 + random_.Below(3); changes > 0; --changes) {
    Add(RandomPolicyChange(burst.person,
                           At({{"policy 24 h before", burst.s - kDayUs},
                               {"policy 1 us beyond 24 h", burst.s - kDayUs - 1},
                               {"policy at the start", burst.s},
                               {"policy at the end", burst.e},
                               {"policy 1 us after the end", burst.e + 1}}),
                           &random_));
  }
}

void StreamMaker::AddNext(const Planned& burst) {
  const int64_t limit = stream_.config.reopen_within;
  AddBurst(burst.person, burst.rule,
           At({{"next burst exactly reopen_within later", burst.e + limit},
               {"next burst reopen_within less 1 us later", burst.e + limit - 1},
               {"next burst Q later", burst.e + burst.rule.quiet},
               {"next burst 24 h after the start", burst.s + kDayUs}}));
}

// Earlier bursts of the key, for `persistent`.
void StreamMaker::AddEarlier(const Planned& burst) {
  const int64_t first = At({{"earlier burst 24 h before", burst.s - kDayUs},
                            {"earlier burst 1 us beyond 24 h", burst.s - kDayUs - 1}});
  AddBurst(burst.person, burst.rule, first);
  AddBurst(burst.person, burst.rule, burst.s - random_.Between(1, 20) * kHourUs);
}

// Many users of the tenant at about the time of the burst, half of them with one cause.
void StreamMaker::AddTenantWave(const Planned& burst) {
  std::vector<const OracleRule*> rules;
  for (const OracleRule& rule : stream_.config.rules) {
    if (rule.by_tenant) rules.push_back(&rule);
  }
  if (rules.empty()) return;
  const OracleRule& rule = *random_.Pick(rules);
  const int64_t s = At({{"wave at the burst's start", burst.s},
                        {"wave at the burst's end", burst.e},
                        {"wave 1 us after the burst", burst.e + 1},
                        {"wave ends at the burst's start", burst.s - rule.window + 1},
                        {"wave ends 1 us before the burst", burst.s - rule.window}});
  std::vector<Person> crowd;
  const bool many = random_.Percent(8);
  if (many) Label("a wave of more than 20 users");
  const size_t users = many ? 24 : rule.min_users + random_.Below(4);
  for (size_t i = 0; i < users; ++i) {
    Person person = random_.Pick(people_);
    person.tenant = burst.person.tenant;
    if (many || random_.Percent(60)) {
      person.id = random_.Guid();
      person.names = {"Crowd" + std::to_string(i) + "@contoso.test"};
      person.user_type = random_.Percent(30) ? "Guest" : "";
      person.home_tenant = random_.Percent(50) ? random_.Guid() : "";
    }
    crowd.push_back(person);
  }
  const size_t events = std::max(rule.threshold, users) + random_.Below(3);
  const size_t explained = users / 2 + (random_.Percent(30) ? 1 : 0);
  if (users % 2 == 0 && explained == users / 2) Label("half of the wave explained");
  std::map<size_t, int64_t> last;
  for (size_t i = 0; i < events; ++i) {
    const int64_t t = i == 0   ? s
                      : i == 1 ? s + rule.window - 1
                               : s + random_.Between(0, rule.window - 1);
    AddFailure({crowd[i % users], rule, s, s}, t);
    last[i % users] = std::max(last[i % users], t);
  }
  const int64_t e = s + rule.window - 1;
  for (size_t i = 0; i < users; ++i) {
    const Planned own{crowd[i], rule, s, e};
    if (i < explained) {
      Add(RandomCredentialEvent(crowd[i], random_.Percent(80) ? "admin_reset" : "change",
                                s - random_.Between(0, kHourUs), &random_));
    } else if (random_.Percent(30)) {
      AddPasswordFailures(own);
    }
    if (random_.Percent(40)) {
      AddSignin(crowd[i], 0,
                At({{"wave's user back at own last failure", last[i]},
                    {"wave's user back 1 us before it", last[i] - 1},
                    {"wave's user back 1 us before end + Q", e + rule.quiet - 1},
                    {"wave's user back at end + Q", e + rule.quiet}}));
    }
  }
  planned_.push_back({burst.person, rule, s, e});
}

// A session of several times max_duration, with events about each of its cuts.
void StreamMaker::AddLongSession(const Planned& burst) {
  const OracleRule& rule = burst.rule;
  const int64_t first = burst.s + random_.Between(-2, 2) * (rule.quiet - 1);
  const int64_t end = first + random_.Between(1, 5) * rule.max_duration;
  Label("session of max_duration");
  for (int64_t t = first; t < end; t += random_.Between(rule.quiet / 4, rule.quiet - 1)) {
    const int64_t events = random_.Percent(30) ? static_cast<int64_t>(rule.threshold) : 1;
    for (int64_t i = 0; i < events; ++i) {
      const Person& person = rule.by_tenant ? random_.Pick(people_) : burst.person;
      Planned part{person, rule, t, t};
      part.person.tenant = burst.person.tenant;
      AddFailure(part, t + (random_.Percent(50) ? 0 : random_.Between(0, rule.window - 1)));
    }
    if (random_.Percent(20)) {
      AddFailure(burst, At({{"1 us before max_duration", first + rule.max_duration - 1},
                            {"at max_duration", first + rule.max_duration},
                            {"1 us after max_duration", first + rule.max_duration + 1}}));
    }
  }
}

// Days until the next record: the watermark jumps.
void StreamMaker::AddSilence(const Planned& burst) {
  AddSignin(burst.person, 0,
            At({{"silence of hours", burst.e + random_.Between(2, 20) * kHourUs},
                {"silence of days", burst.e + random_.Between(1, 4) * kDayUs},
                {"silence of weeks", burst.e + random_.Between(10, 40) * kDayUs}}));
}

void StreamMaker::AddStory() {
  const Person& person = random_.Pick(people_);
  const Planned burst = AddBurst(person, random_.Pick(stream_.config.rules), StoryStart());
  if (random_.Percent(60)) AddChanges(burst);
  if (random_.Percent(15)) AddSyncDelay(burst);
  if (random_.Percent(25)) AddPasswordFailures(burst);
  if (random_.Percent(50)) AddFamiliarity(burst);
  if (random_.Percent(50)) AddReturn(burst);
  if (random_.Percent(40)) AddRisks(burst);
  if (random_.Percent(30)) AddSecurityInfo(burst);
  if (random_.Percent(25)) AddPolicies(burst);
  if (random_.Percent(30)) AddNext(burst);
  if (random_.Percent(15)) AddEarlier(burst);
  if (random_.Percent(45)) AddTenantWave(burst);
  if (wild_ && random_.Percent(70)) AddLongSession(burst);
  if (wild_ && random_.Percent(40)) AddSilence(burst);
  for (uint64_t noise = random_.Below(4); noise > 0; --noise) AddNoise();
}

void StreamMaker::AddNoise() {
  const Person& person = random_.Pick(people_);
  const int64_t t =
      planned_.empty() ? kFirstDay : random_.Pick(planned_).s + random_.Between(-2, 2) * kMinuteUs;
  switch (random_.Below(4)) {
    case 0:
      Add(RandomOtherAudit(person, t, &random_));
      break;
    case 1:
      AddSignin(person, 500133, t);
      break;
    case 2:
      AddSignin(person, 0, t);
      break;
    default:
      AddSignin(person, 50173, t);
      break;
  }
}

}  // namespace

Stream MakeStream(uint64_t seed) {
  // A stream with a session outside the promise is dropped for another of the same seed.
  for (uint64_t attempt = 0;; ++attempt) {
    Stream stream = StreamMaker(seed + (attempt << 40)).Make();
    if (!HasLongSession(stream.records, stream.config)) return stream;
  }
}

Stream MakeWildStream(uint64_t seed) { return StreamMaker(seed ^ uint64_t{1} << 60, true).Make(); }

}  // namespace signinwatch::oracle
