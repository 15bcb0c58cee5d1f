#include "daemon/http/ticket_parameters.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "detectors/ticket.h"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

constexpr size_t kValueBytesMax = 1'024;
constexpr size_t kProblemsMax = 20;
constexpr size_t kTenantsFoundMax = 1'000;  // by one word

// Empty: fine.
using Problem = ParameterProblem;
using Read =
    std::function<void(const std::string& value, store::TicketFilter* filter, Problem* problem)>;

Read Words(std::optional<std::string> store::TicketFilter::*field, std::vector<std::string> words) {
  return [field, words = std::move(words)](const std::string& value, store::TicketFilter* filter,
                                           Problem* problem) {
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      problem->detail = "no such value";
      problem->allowed = words;
    }
    filter->*field = value;
  };
}

// Several may be given: one of them has to be met.
Read SeveralWords(std::vector<std::string> store::TicketFilter::*field,
                  std::vector<std::string> words) {
  return [field, words = std::move(words)](const std::string& value, store::TicketFilter* filter,
                                           Problem* problem) {
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      problem->detail = "no such value";
      problem->allowed = words;
      return;
    }
    std::vector<std::string>& list = filter->*field;
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
  };
}

void ReadReview(const std::string& value, store::TicketFilter* filter, Problem* problem) {
  if (value != "needed" && value != "done") {
    problem->detail = "no such value";
    problem->allowed = ReviewWords();
  }
  filter->needs_review = value == "needed";
}

void ReadQuiet(const std::string& value, store::TicketFilter* filter, Problem* problem) {
  if (value != "yes" && value != "no") {
    problem->detail = "no such value";
    problem->allowed = QuietWords();
  }
  filter->excepted = value == "yes";
}

Read Text(std::optional<std::string> store::TicketFilter::*field) {
  return [field](const std::string& value, store::TicketFilter* filter, Problem*) {
    filter->*field = value;
  };
}

// RFC 3339 alone, of all the formats that records may have.
std::optional<EventTime> ReadTime(const std::string& text) {
  constexpr size_t kShortest = sizeof("2026-11-24T09:00:00Z") - 1;
  constexpr size_t kOffset = sizeof("+00:00") - 1;
  if (text.size() < kShortest || text[4] != '-' || LowerAsciiOf(text[10]) != 't') {
    return std::nullopt;
  }
  const char sign = text[text.size() - kOffset];
  if (LowerAsciiOf(text.back()) != 'z' && sign != '+' && sign != '-') return std::nullopt;
  return ParseEventTime(text);
}

// "2026-11-24": its beginning, in UTC.
std::optional<EventTime> ReadDay(const std::string& text) {
  constexpr size_t kDayBytes = sizeof("2026-11-24") - 1;
  return text.size() == kDayBytes ? ReadTime(text + "T00:00:00Z") : std::nullopt;
}

// `whole_day`: a day stands for its end.
Read Time(std::optional<EventTime> store::TicketFilter::*field, bool whole_day) {
  return
      [field, whole_day](const std::string& value, store::TicketFilter* filter, Problem* problem) {
        if (const std::optional<EventTime> day = ReadDay(value); day.has_value()) {
          filter->*field = whole_day ? *day + kDay - Duration(1) : *day;
          return;
        }
        filter->*field = ReadTime(value);
        if (!(filter->*field)) {
          problem->detail =
              "not a day such as 2026-11-24, nor a time of RFC 3339 since 2000, such as "
              "2026-11-24T09:00:00Z (in a query, + is written %2B)";
        }
      };
}

// Words between blanks; what is within double quotes is one.
void ReadSearch(const std::string& value, store::TicketFilter* filter, Problem* problem) {
  std::string word;
  bool quoted = false;
  const auto end_word = [&] {
    if (!word.empty()) filter->words.push_back({std::move(word)});
    word.clear();
  };
  for (const char c : value) {
    if (c == '"') {
      quoted = !quoted;
      end_word();
    } else if (c == ' ' && !quoted) {
      end_word();
    } else {
      word += c;
    }
  }
  end_word();
  if (filter->words.size() > kSearchWordsMax) {
    problem->detail = "has more than " + std::to_string(kSearchWordsMax) +
                      " words; what is within double quotes is one";
  }
}

void ReadSort(const std::string& value, store::TicketFilter* filter, Problem* problem) {
  const std::vector<std::string> words = SortWords();
  const auto found = std::find(words.begin(), words.end(), value);
  if (found == words.end()) {
    problem->detail = "no such value";
    problem->allowed = words;
    return;
  }
  filter->order = static_cast<store::TicketOrder>(found - words.begin());
}

void ReadTenant(const std::string& value, store::TicketFilter* filter, Problem*) {
  std::string tenant = value;
  LowerAsciiRange(tenant.data(), tenant.size());
  filter->tenant_id = std::move(tenant);
}

void ReadLimit(const std::string& value, store::TicketFilter* filter, Problem* problem) {
  size_t limit = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (!whole || limit < 1 || limit > store::kTicketPageMax) {
    problem->detail = "not a whole number from 1 to " + std::to_string(store::kTicketPageMax);
  }
  filter->limit = limit;
}

void ReadCursor(const std::string& value, store::TicketFilter* filter, Problem*) {
  filter->cursor = value;
}

const std::map<std::string, Read>& Parameters() {
  static const std::map<std::string, Read> parameters{
      {"tenant", ReadTenant},
      {"user", Text(&store::TicketFilter::user)},
      {"state", Words(&store::TicketFilter::state, StateWords())},
      {"cause", SeveralWords(&store::TicketFilter::cause, CauseWords())},
      {"severity", SeveralWords(&store::TicketFilter::severity, SeverityWords())},
      {"review", ReadReview},
      {"quiet", ReadQuiet},
      {"scope", Words(&store::TicketFilter::scope, ScopeWords())},
      {"detector", Text(&store::TicketFilter::detector)},
      {"from", Time(&store::TicketFilter::from, false)},
      {"to", Time(&store::TicketFilter::to, true)},
      {"q", ReadSearch},
      {"sort", ReadSort},
      {"limit", ReadLimit},
      {"cursor", ReadCursor},
  };
  return parameters;
}

Problem UnknownParameter(const std::string& name) {
  Problem problem{name.substr(0, kValueBytesMax), "no such parameter", {}};
  for (const auto& [known, read] : Parameters()) problem.allowed.push_back(known);
  return problem;
}

Problem ReadParameter(const std::string& name, const std::string& value, bool repeated,
                      store::TicketFilter* filter) {
  const auto known = Parameters().find(name);
  if (known == Parameters().end()) return UnknownParameter(name);
  if (repeated && name != "cause" && name != "severity") return {name, "given more than once", {}};
  if (value.empty()) return {name, "has no value", {}};
  if (value.size() > kValueBytesMax) return {name, "is too long", {}};
  Problem problem{name, "", {}};
  known->second(value, filter, &problem);
  return problem;
}

template <typename Enum>
std::vector<std::string> NamesUpTo(Enum last, const char* (*name)(Enum)) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}

}  // namespace

std::vector<ParameterProblem> ReadTicketParameters(
    const std::multimap<std::string, std::string>& parameters, store::TicketFilter* filter) {
  std::vector<Problem> problems;
  std::string before;
  for (const auto& [name, value] : parameters) {
    if (problems.size() == kProblemsMax) return problems;
    // They are sorted by name: of several of one name, the second is told.
    Problem problem = ReadParameter(name, value, name == before, filter);
    if (!problem.detail.empty() && (problems.empty() || problems.back().parameter != name)) {
      problems.push_back(std::move(problem));
    }
    before = name;
  }
  if (problems.empty() && filter->from && filter->to && *filter->to < *filter->from) {
    problems.push_back({"to", "is before `from`", {}});
  }
  return problems;
}

void FindTenantsByName(const config::TenantNames& names, store::TicketFilter* filter) {
  const auto lower = [](std::string text) {
    LowerAsciiRange(text.data(), text.size());
    return text;
  };
  if (filter->words.empty()) return;
  for (const auto& [id, name] : names) {
    const std::string known = lower(name);
    for (store::SearchWord& word : filter->words) {
      if (word.tenants.size() < kTenantsFoundMax &&
          known.find(lower(word.text)) != std::string::npos) {
        word.tenants.push_back(id);
      }
    }
  }
}

ParameterProblem CursorProblem() {
  return {"cursor", "not a next_cursor of an earlier answer", {}};
}

std::vector<std::string> StateWords() { return NamesUpTo(TicketState::kMerged, TicketStateName); }
std::vector<std::string> CauseWords() { return NamesUpTo(Cause::kMixed, CauseName); }
std::vector<std::string> SeverityWords() {
  std::vector<std::string> words = NamesUpTo(Severity::kCritical, SeverityName);
  std::reverse(words.begin(), words.end());
  return words;
}
std::vector<std::string> ReviewWords() { return {"needed", "done"}; }
std::vector<std::string> QuietWords() { return {"yes", "no"}; }
// As TicketOrder has them.
std::vector<std::string> SortWords() {
  return {"first_failure", "last_failure", "severity", "failures"};
}
std::vector<std::string> ScopeWords() { return {"user", "tenant"}; }

}  // namespace signinwatch::http
