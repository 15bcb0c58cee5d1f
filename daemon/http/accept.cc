#include "daemon/http/accept.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

constexpr size_t kChoicesMax = 32;  // of one header; what comes behind them is not looked at

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The text before the separator; `text` becomes what is behind it.
std::string_view Cut(std::string_view* text, char separator) {
  const size_t at = text->find(separator);
  const std::string_view head = text->substr(0, at);
  *text = at == std::string_view::npos ? std::string_view() : text->substr(at + 1);
  return Trimmed(head);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  LowerAsciiRange(lower.data(), lower.size());
  return lower;
}

struct Choice {
  std::string name;  // lower case: "text/plain", "gzip"
  std::string version;
  double quality = 1;
};

// 0 to 1 with at most three digits; anything else is as if not acceptable.
double Quality(std::string_view text) {
  const bool number = !text.empty() && text.size() <= 5 &&
                      text.find_first_not_of("0123456789.") == std::string_view::npos;
  const double value = number ? std::strtod(std::string(text).c_str(), nullptr) : 0;
  return value > 1 ? 1 : value;
}

std::vector<Choice> Choices(std::string_view header) {
  std::vector<Choice> choices;
  while (!header.empty() && choices.size() < kChoicesMax) {
    std::string_view element = Cut(&header, ',');
    Choice choice;
    choice.name = Lower(Cut(&element, ';'));
    while (!element.empty()) {
      std::string_view parameter = Cut(&element, ';');
      const std::string key = Lower(Cut(&parameter, '='));
      if (key == "q") choice.quality = Quality(Trimmed(parameter));
      if (key == "version") choice.version = Trimmed(parameter);
    }
    if (!choice.name.empty()) choices.push_back(std::move(choice));
  }
  return choices;
}

// Of the most specific of the names that is there; `missing` if none is.
double QualityOf(const std::vector<Choice>& choices, std::initializer_list<const char*> names,
                 double missing) {
  for (const char* name : names) {
    for (const Choice& choice : choices) {
      if (choice.name == name) return choice.quality;
    }
  }
  return missing;
}

}  // namespace

bool PrefersOpenMetrics(std::string_view accept) {
  const std::vector<Choice> choices = Choices(accept);
  double openmetrics = 0;
  for (const Choice& choice : choices) {
    const bool version = choice.version.empty() || choice.version == "1.0.0";
    if (choice.name == "application/openmetrics-text" && version) {
      openmetrics = std::max(openmetrics, choice.quality);
    }
  }
  return openmetrics > 0 && openmetrics >= QualityOf(choices, {"text/plain", "text/*", "*/*"}, 0);
}

bool PrefersJson(std::string_view accept) {
  const std::vector<Choice> choices = Choices(accept);
  const double json = QualityOf(choices, {"application/json"}, 0);
  return json > 0 && json >= QualityOf(choices, {"text/plain", "text/*", "*/*"}, 0);
}

bool AcceptsGzip(std::string_view accept_encoding) {
  return QualityOf(Choices(accept_encoding), {"gzip", "x-gzip", "*"}, 0) > 0;
}

}  // namespace signinwatch::http
