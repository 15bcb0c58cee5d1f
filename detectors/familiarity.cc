#include "detectors/familiarity.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace signinwatch {
namespace {

using Source = FamiliarSources::Source;

// Days are counted from 2000-01-01, before which no time is readable.
constexpr int64_t kDay2000 = 10957;
constexpr int kBits = 32;

int64_t DayOf2000(EventTime t) { return DayOf(t) - kDay2000; }

EventTime StartOfDay(int64_t day) { return EventTime(std::chrono::days(day + kDay2000)); }

int64_t GetFirst(const uint8_t (&bytes)[5]) {
  int64_t value = 0;
  for (int i = 4; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

void SetFirst(uint8_t (&bytes)[5], int64_t value) {
  for (uint8_t& byte : bytes) {
    byte = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

// The bit of the day before the newest one that has a success; kBits if there is none.
int PreviousBit(const Source& source) { return std::countr_zero(source.days & ~uint32_t{1}); }

// Bits of `source` for the days [from, to], whichever of them it has room for.
uint32_t DayMask(const Source& source, int64_t from, int64_t to) {
  const int64_t low = std::max<int64_t>(source.newest - to, 0);
  const int64_t high = std::min<int64_t>(source.newest - from, kBits - 1);
  if (low > high) return 0;
  return (~uint32_t{0} >> (kBits - 1 - (high - low))) << low;
}

class Spill {
 public:
  Spill(SourceKey key, int64_t day_min, std::vector<SpilledDay>* list)
      : key_(key), day_min_(day_min), list_(list) {}

  void Add(int64_t day, int64_t first) {
    if (day < day_min_) return;
    const EventTime time = StartOfDay(day) + Duration(first);
    for (SpilledDay& spilled : *list_) {
      if (spilled.source == key_ && DayOf2000(spilled.first) == day) {
        spilled.first = std::min(spilled.first, time);
        return;
      }
    }
    list_->push_back({key_, time});
  }

 private:
  SourceKey key_;
  int64_t day_min_;
  std::vector<SpilledDay>* list_;
};

// `day` is after every day of `source`. Days that leave the bitmap are spilled when questions can
// reach them; their first success no longer matters, only that there was one.
void StartNewDay(Source& source, int64_t day, int64_t first, int64_t horizon_day, int familiar_days,
                 Spill spill_first, std::vector<SpilledDay>* list) {
  const int64_t shift = day - source.newest;
  if (const int previous = PreviousBit(source); previous < kBits) {
    spill_first.Add(source.newest - previous, GetFirst(source.first[1]));
  }
  Spill spill_day(source.key, horizon_day - familiar_days, list);
  for (int64_t bit = std::max<int64_t>(kBits - shift, 0); bit < kBits; ++bit) {
    if ((source.days >> bit & 1) == 0) continue;
    const int64_t leaving = source.newest - bit;
    if (bit == 0) {
      spill_day.Add(leaving, GetFirst(source.first[0]));
    } else if (leaving < horizon_day) {  // else it was spilled when it lost its first success
      spill_day.Add(leaving, 0);
    }
  }
  source.days = (shift >= kBits ? 0 : source.days << shift) | 1;
  source.newest = static_cast<uint16_t>(day);
  std::copy(std::begin(source.first[0]), std::end(source.first[0]), source.first[1]);
  SetFirst(source.first[0], first);
}

// `day` is before the newest day of `source`.
bool NoteOlderDay(Source& source, int64_t day, int64_t first, int64_t horizon_day,
                  int familiar_days, Spill spill_first, std::vector<SpilledDay>* list) {
  const int64_t bit = source.newest - day;
  if (bit >= kBits) {
    if (day < horizon_day - familiar_days) return false;
    Spill(source.key, horizon_day - familiar_days, list).Add(day, first);
    return true;
  }
  const uint32_t mask = uint32_t{1} << bit;
  const int previous = PreviousBit(source);
  if ((source.days & mask) != 0) {
    if (bit != previous) {
      if (day < horizon_day) return false;
      spill_first.Add(day, first);
      return true;
    }
    if (first >= GetFirst(source.first[1])) return false;
    SetFirst(source.first[1], first);
    return true;
  }
  source.days |= mask;
  if (bit < previous) {
    if (previous < kBits) spill_first.Add(source.newest - previous, GetFirst(source.first[1]));
    SetFirst(source.first[1], first);
  } else {
    spill_first.Add(day, first);
  }
  return true;
}

}  // namespace

bool FamiliarSources::Note(SourceKey key, EventTime t, EventTime horizon, int familiar_days,
                           size_t sources_max, std::vector<SpilledDay>* spilled,
                           uint64_t* evicted) {
  if (key == 0) return false;
  const int64_t day = DayOf2000(t);
  const int64_t first = (t - StartOfDay(day)).count();
  const int64_t horizon_day = DayOf2000(horizon);
  const Spill spill_first(key, horizon_day, spilled);
  for (Source& source : sources_) {
    if (source.key != key) continue;
    if (day == source.newest) {
      if (first >= GetFirst(source.first[0])) return false;
      SetFirst(source.first[0], first);
      return true;
    }
    if (day < source.newest) {
      return NoteOlderDay(source, day, first, horizon_day, familiar_days, spill_first, spilled);
    }
    StartNewDay(source, day, first, horizon_day, familiar_days, spill_first, spilled);
    return true;
  }
  Source source{.key = key, .days = 1, .newest = static_cast<uint16_t>(day)};
  SetFirst(source.first[0], first);
  if (sources_.size() >= sources_max) {
    ++*evicted;
    *std::min_element(sources_.begin(), sources_.end(), [](const Source& a, const Source& b) {
      return a.newest != b.newest ? a.newest < b.newest : a.key < b.key;
    }) = source;
    return true;
  }
  // Users have few sources; doubling would waste half of them.
  if (sources_.size() == sources_.capacity()) {
    sources_.reserve(sources_.size() < 4 ? sources_.size() + 1 : sources_.size() * 3 / 2);
  }
  sources_.push_back(source);
  return true;
}

namespace {

bool FamiliarIn(const Source& source, EventTime s, int familiar_days) {
  const int64_t day = DayOf2000(s);
  if ((source.days & DayMask(source, day - familiar_days, day - 1)) != 0) return true;
  const int64_t into_day = (s - StartOfDay(day)).count();
  if (day == source.newest) return GetFirst(source.first[0]) < into_day;
  const int previous = PreviousBit(source);
  return previous < kBits && day == source.newest - previous &&
         GetFirst(source.first[1]) < into_day;
}

bool FamiliarIn(const SpilledDay& spilled, EventTime s, int familiar_days) {
  const int64_t day = DayOf2000(s);
  const int64_t spilled_day = DayOf2000(spilled.first);
  return spilled_day == day ? spilled.first < s
                            : spilled_day < day && spilled_day >= day - familiar_days;
}

}  // namespace

bool FamiliarSources::Familiar(SourceKey key, EventTime s, int familiar_days,
                               const std::vector<SpilledDay>* spilled) const {
  if (key == 0) return false;
  for (const Source& source : sources_) {
    if (source.key == key && FamiliarIn(source, s, familiar_days)) return true;
  }
  return spilled != nullptr &&
         std::any_of(spilled->begin(), spilled->end(), [&](const SpilledDay& day) {
           return day.source == key && FamiliarIn(day, s, familiar_days);
         });
}

bool FamiliarSources::AnyAddress(EventTime s, int familiar_days,
                                 const std::vector<SpilledDay>* spilled) const {
  for (const Source& source : sources_) {
    if (IsAddressSource(source.key) && FamiliarIn(source, s, familiar_days)) return true;
  }
  return spilled != nullptr &&
         std::any_of(spilled->begin(), spilled->end(), [&](const SpilledDay& day) {
           return IsAddressSource(day.source) && FamiliarIn(day, s, familiar_days);
         });
}

std::vector<std::pair<SourceKey, int64_t>> FamiliarSources::MfaDays(
    EventTime s, int familiar_days, const std::vector<SpilledDay>* spilled) const {
  const int64_t today = DayOf2000(s);
  std::map<SourceKey, int64_t> latest;  // days since 2000
  const auto note = [&latest](SourceKey key, int64_t day) {
    const auto [method, created] = latest.try_emplace(key, day);
    method->second = std::max(method->second, day);
  };
  for (const Source& source : sources_) {
    if (!IsMfaSource(source.key)) continue;
    const uint32_t days = source.days & DayMask(source, today - familiar_days, today - 1);
    if (days != 0) note(source.key, source.newest - std::countr_zero(days));
  }
  if (spilled != nullptr) {
    for (const SpilledDay& day : *spilled) {
      const int64_t spilled_day = DayOf2000(day.first);
      if (IsMfaSource(day.source) && spilled_day < today && spilled_day >= today - familiar_days) {
        note(day.source, spilled_day);
      }
    }
  }
  std::vector<std::pair<SourceKey, int64_t>> methods;
  for (const auto& [key, day] : latest) methods.emplace_back(key, day + kDay2000);
  return methods;
}

bool FamiliarSources::Prune(EventTime horizon, int familiar_days) {
  const int64_t oldest = DayOf2000(horizon) - familiar_days;
  return std::erase_if(sources_, [&](const Source& source) { return source.newest < oldest; }) > 0;
}

int64_t FamiliarSources::LatestDay() const {
  int64_t latest = 0;
  for (const Source& source : sources_) latest = std::max<int64_t>(latest, source.newest);
  return sources_.empty() ? 0 : latest + kDay2000;
}

}  // namespace signinwatch
