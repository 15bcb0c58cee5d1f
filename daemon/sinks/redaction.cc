#include "daemon/sinks/redaction.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "daemon/sinks/cut_text.h"
#include "parser/ids.h"

namespace signinwatch::sinks {
namespace {

constexpr std::string_view kHidden = "…";

// Words are looked at one by one; these stand between them and around them.
bool IsBetween(char c) {
  return std::string_view(" \t\r\n\"'`<>()[]{},;").find(c) != std::string_view::npos;
}

bool IsAddress(const std::string& word) {
  in6_addr bytes;
  return ::inet_pton(AF_INET, word.c_str(), &bytes) == 1 ||
         (word.find(':') != std::string::npos && ::inet_pton(AF_INET6, word.c_str(), &bytes) == 1);
}

// A port, a full stop at a sentence's end.
std::string WithoutTail(std::string_view word) {
  while (!word.empty() && (word.back() == '.' || word.back() == ':' || word.back() == '!')) {
    word.remove_suffix(1);
  }
  const size_t colon = word.find(':');
  if (colon != std::string_view::npos && word.find(':', colon + 1) == std::string_view::npos) {
    word = word.substr(0, colon);
  }
  return std::string(word);
}

bool HasGuid(std::string_view word) {
  constexpr size_t kGuidSize = 36;
  for (size_t i = 0; i + kGuidSize <= word.size(); ++i) {
    std::string part(word.substr(i, kGuidSize));
    std::transform(part.begin(), part.end(), part.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (ParseLowerGuid(part)) return true;
  }
  return false;
}

// "https://host/path?query" -> "https://host/…"
std::string Shown(std::string_view word) {
  if (const size_t scheme = word.find("://"); scheme != std::string_view::npos) {
    const size_t path = word.find_first_of("/?#", scheme + 3);
    std::string_view origin = word.substr(0, path);
    if (origin.find('@') != std::string_view::npos) return std::string(kHidden);
    const bool more = path != std::string_view::npos && path + 1 < word.size();
    return std::string(origin) + (more ? "/" + std::string(kHidden) : "");
  }
  if (const size_t equals = word.find('='); equals != std::string_view::npos) {
    return Shown(word.substr(0, equals)) + "=" + Shown(word.substr(equals + 1));
  }
  const bool hide = word.find('@') != std::string_view::npos ||
                    word.find("%40") != std::string_view::npos || HasGuid(word) ||
                    IsAddress(WithoutTail(word)) || IsAddress(std::string(word));
  return std::string(hide ? kHidden : word);
}

}  // namespace

std::string WithoutPeople(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto begin = std::find_if_not(text.begin(), text.end(), &IsBetween);
    const auto end = std::find_if(begin, text.end(), &IsBetween);
    shown.append(text.begin(), begin);
    if (begin != end) shown += Shown({&*begin, static_cast<size_t>(end - begin)});
    text.remove_prefix(static_cast<size_t>(end - text.begin()));
  }
  return CutBytes(shown, kErrorTextBytesMax);
}

}  // namespace signinwatch::sinks
