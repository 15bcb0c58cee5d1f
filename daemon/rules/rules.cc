#include "daemon/rules/rules.h"

#include <algorithm>

#include "daemon/rules/rules_file.h"

namespace signinwatch::rules {
namespace {

// Of the annotations that are links, up to where their text begins.
constexpr std::string_view kLinks[] = {"runbook_url: '", "tickets_url: '"};

// A quote ends a text of YAML.
std::string WithoutQuotes(std::string_view url) {
  std::string text;
  for (const char c : url) c == '\'' ? text.append("%27") : text.append(1, c);
  return text;
}

}  // namespace

std::string AlertingRules(std::string_view external_url) {
  const std::string front = WithoutQuotes(external_url) + "/";
  std::string rules;
  std::string_view rest = kRulesFile;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end);
    const size_t text = line.find_first_not_of(' ');
    for (const std::string_view link : kLinks) {
      if (line.compare(text, link.size(), link) == 0) line.insert(text + link.size(), front);
    }
    rules += line;
  }
  return rules;
}

}  // namespace signinwatch::rules
