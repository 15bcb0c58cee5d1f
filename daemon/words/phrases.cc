#include "daemon/words/phrases.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace signinwatch::words {
namespace {

// The length of the character at `text`'s start if it breaks a line or turns the reading order:
// controls, DEL, U+0080 to U+009F, U+2028 to U+202E and U+2066 to U+2069. 0: any other.
size_t UnprintableBytes(std::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
  if (byte(0) != 0xe2) return 0;
  if (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) return 3;
  return byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9 ? 3 : 0;
}

std::string Day(EventTime time) { return FormatEventTime(time).substr(0, 10); }
std::string Clock(EventTime time) { return FormatEventTime(time).substr(11, 8); }

template <typename Map, typename Name>
std::string CountsWords(const Map& counts, Name name) {
  std::string words;
  for (const auto& [value, count] : counts) {
    words += Join({words.empty() ? "" : ", ", name(value), " ", std::to_string(count)});
  }
  return words;
}

}  // namespace

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string Shown(std::string_view name) {
  constexpr std::string_view kCut = "...";
  std::string out;
  for (size_t i = 0; i < name.size() && out.size() <= kNameBytesMax;) {
    const size_t unprintable = UnprintableBytes(name.substr(i));
    out += unprintable != 0 ? ' ' : name[i];
    i += std::max<size_t>(unprintable, 1);
  }
  if (out.size() <= kNameBytesMax) return out;
  size_t size = kNameBytesMax - kCut.size();
  while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xc0) == 0x80) --size;
  return out.substr(0, size).append(kCut);
}

std::string Plural(uint64_t count, std::string_view one, std::string_view many) {
  return Join({std::to_string(count), " ", count == 1 ? one : many});
}

std::string FailuresWords(uint64_t count) {
  return Plural(count, "failed sign-in", "failed sign-ins");
}

std::string DurationWords(int64_t seconds) {
  struct Unit {
    int64_t seconds;
    const char* one;
    const char* many;
  };
  constexpr Unit kUnits[] = {{86400, "day", "days"},
                             {3600, "hour", "hours"},
                             {60, "minute", "minutes"},
                             {1, "second", "seconds"}};
  size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && seconds < kUnits[unit].seconds) ++unit;
  const Unit& larger = kUnits[unit];
  std::string words =
      Plural(static_cast<uint64_t>(seconds / larger.seconds), larger.one, larger.many);
  if (unit + 1 == std::size(kUnits)) return words;
  const Unit& smaller = kUnits[unit + 1];
  const int64_t rest = seconds % larger.seconds / smaller.seconds;
  if (rest == 0) return words;
  return Join({words, " ", Plural(static_cast<uint64_t>(rest), smaller.one, smaller.many)});
}

std::string DayWords(EventTime time) {
  constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
  const std::string day = Day(time);
  const int month = std::stoi(day.substr(5, 2));
  return Join({std::to_string(std::stoi(day.substr(8, 2))), " ", kMonths[month - 1]});
}

std::string Moment(EventTime time) { return Join({Day(time), " ", Clock(time), " UTC"}); }

std::string SpanWords(const Ticket& ticket) {
  const EventTime first = ticket.first_event_time;
  const EventTime last = ticket.last_event_time;
  if (Moment(first) == Moment(last)) return Join({"at ", Moment(first)});
  if (Day(first) != Day(last)) return Join({"between ", Moment(first), " and ", Moment(last)});
  return Join({"between ", Day(first), " ", Clock(first), " and ", Clock(last), " UTC"});
}

std::string CountedWords(std::span<const Counted> values, uint64_t total) {
  std::string words;
  const size_t shown = std::min(values.size(), kNamesShown);
  for (size_t i = 0; i < shown; ++i) {
    const Counted& value = values[i];
    if (i > 0) words += ", ";
    words += Shown(value.name.empty() ? value.id : value.name);
    words += Join({" (", std::to_string(value.count), ")"});
  }
  if (total > shown && shown > 0) words += Join({" and ", std::to_string(total - shown), " more"});
  return words;
}

std::string FindingWords(std::string_view name) {
  if (name == "session_elsewhere") return "session in two places";
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string CodesWords(const Ticket& ticket) {
  std::vector<Counted> codes;
  for (const auto& [code, count] : ticket.codes) codes.push_back({std::to_string(code), "", count});
  std::stable_sort(codes.begin(), codes.end(),
                   [](const Counted& a, const Counted& b) { return a.count > b.count; });
  return CountedWords(codes, codes.size());
}

std::string CausesWords(const std::map<Cause, uint64_t>& counts) {
  return CountsWords(counts, CauseName);
}

std::string KindsWords(const std::map<ChangeKind, uint64_t>& counts) {
  return CountsWords(counts, ChangeKindName);
}

std::string WhoWords(const Ticket& ticket) {
  if (ticket.scope == GroupBy::kTenant) return Join({"tenant ", Shown(ticket.tenant_id)});
  const bool named = !ticket.user_principal_name.empty();
  return Shown(named ? ticket.user_principal_name : ticket.user_id);
}

const TicketChange* DecidingChange(const Ticket& ticket) {
  if (ticket.cause > Cause::kSessionsRevoked) return nullptr;
  const auto weaker = [](const TicketChange& a, const TicketChange& b) {
    const bool a_revokes = a.kind == ChangeKind::kRevoke;
    const bool b_revokes = b.kind == ChangeKind::kRevoke;
    if (a_revokes != b_revokes) return a_revokes;
    return a.time != b.time ? a.time < b.time : a.kind > b.kind;
  };
  const TicketChange* deciding = nullptr;
  for (const TicketChange& change : ticket.changes) {
    if (change.during || change.kind == ChangeKind::kForceChange) continue;
    if (deciding == nullptr || weaker(*deciding, change)) deciding = &change;
  }
  return deciding;
}

std::string DecidingChangeWords(const Ticket& ticket) {
  const TicketChange* change = DecidingChange(ticket);
  if (change == nullptr) return "";
  const std::string actor = change->actor.empty() ? std::string(" (actor not recorded)")
                                                  : Join({" (actor ", Shown(change->actor), ")"});
  return Join({" on ", Moment(change->time), actor});
}

std::string AgeWords(int64_t age_seconds) {
  if (age_seconds == 0) return "within a second of the first failure";
  const int64_t seconds = age_seconds < 0 ? -age_seconds : age_seconds;
  return Join(
      {DurationWords(seconds), age_seconds > 0 ? " before" : " after", " the first failure"});
}

}  // namespace signinwatch::words
