#include "daemon/config/text_forms.h"

#include <algorithm>
#include <array>

#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/words/message_template.h"
#include "parser/ascii.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch::config {
namespace {

constexpr size_t kPlainBytesMax = 1'000;
constexpr size_t kNameBytesMax = 63;
constexpr size_t kPathBytesMax = 4'096;
constexpr size_t kTopicBytesMax = 249;  // Kafka's own limit
constexpr size_t kBrokersBytesMax = 4'096;
constexpr size_t kUrlBytesMax = 2'000;
constexpr size_t kHostBytesMax = 253;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool IsLetterOrDigit(char c) {
  return kDigits.find(c) != std::string_view::npos ||
         kLower.find(LowerAsciiOf(c)) != std::string_view::npos;
}

// Letters, digits and what is in `others`.
bool IsMadeOf(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return IsLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && IsMadeOf(text, "_-") &&
         text.find_first_of(kUpper) == std::string_view::npos;
}

bool IsTopic(std::string_view text) {
  return !text.empty() && text.size() <= kTopicBytesMax && IsMadeOf(text, "._-") && text != "." &&
         text != "..";
}

bool IsPath(std::string_view text) {
  return IsShownText(text, kPathBytesMax) && text.back() != '/';
}

struct HostPort {
  std::string_view host;  // of an IPv6 address with its brackets
  std::optional<std::string_view> port;
};

HostPort SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  const size_t bracket = text.rfind(']');
  const bool in_address = bracket != std::string_view::npos && colon < bracket;
  if (colon == std::string_view::npos || in_address) return {.host = text, .port = std::nullopt};
  return {.host = text.substr(0, colon), .port = text.substr(colon + 1)};
}

bool IsHost(std::string_view host) {
  if (host.size() > kHostBytesMax) return false;
  if (host.size() >= 4 && host.front() == '[' && host.back() == ']') {
    const std::string_view address = host.substr(1, host.size() - 2);
    return address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos &&
           address.find(':') != std::string_view::npos;
  }
  return !host.empty() && IsMadeOf(host, "._-") && IsLetterOrDigit(host.front());
}

bool IsPort(std::string_view port, int64_t least) {
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of(kDigits) != std::string_view::npos) {
    return false;
  }
  const int64_t number = ParseInteger(port).value_or(-1);
  return number >= least && number <= 65'535;
}

// What is wrong with host:port; empty: nothing.
std::string HostPortFault(std::string_view text, int64_t port_least) {
  const HostPort parts = SplitHostPort(text);
  if (!IsHost(parts.host)) return "has no usable host";
  if (!parts.port) return "has no port";
  if (!IsPort(*parts.port, port_least)) return "has no usable port";
  return {};
}

std::optional<std::string> ReadBrokers(std::string_view text, std::string* fault) {
  std::string brokers;
  std::remove_copy(text.begin(), text.end(), std::back_inserter(brokers), ' ');
  if (brokers.empty() || brokers.size() > kBrokersBytesMax) {
    *fault = brokers.empty() ? "empty" : "too long";
    return std::nullopt;
  }
  std::string_view rest = brokers;
  for (int entry = 1;; ++entry) {
    const size_t comma = rest.find(',');
    const std::string entry_fault = HostPortFault(rest.substr(0, comma), 1);
    if (!entry_fault.empty()) {
      *fault = "not usable: entry " + std::to_string(entry) + " " + entry_fault;
      return std::nullopt;
    }
    if (comma == std::string_view::npos) return brokers;
    rest.remove_prefix(comma + 1);
  }
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::optional<EventTime> ReadTime(std::string_view text) {
  constexpr std::string_view kDayForm = "2027-03-01";
  if (text.size() != kDayForm.size()) return ParseEventTime(text);
  return ParseEventTime(std::string(text) + "T00:00:00Z");
}

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";

// "https://HOST:PORT" of a URL of either scheme; the views are of its text.
struct UrlParts {
  bool https = false;
  HostPort authority;
};

// Of what all URLs have in common. Empty: nothing is wrong, and *parts is set.
std::string CommonUrlFault(std::string_view text, UrlParts* parts) {
  if (text.size() > kUrlBytesMax) return "too long";
  parts->https = text.starts_with(kHttps);
  if (!parts->https && !text.starts_with(kHttp)) {
    return "not usable: it does not start with https://";
  }
  const bool visible = std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
  });
  if (!visible) return "not usable: it has characters that a URL writes as %XX, or a fragment";
  const std::string_view rest = text.substr(parts->https ? kHttps.size() : kHttp.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) {
    return "not usable: it has a user name or password in it";
  }
  parts->authority = SplitHostPort(authority);
  if (!IsHost(parts->authority.host)) return "not usable: it has no usable host";
  if (parts->authority.port && !IsPort(*parts->authority.port, 1)) {
    return "not usable: it has no usable port";
  }
  return {};
}

// Empty: nothing is wrong.
std::string UrlFault(std::string_view text) {
  UrlParts parts;
  std::string fault = CommonUrlFault(text, &parts);
  if (fault.empty() && !parts.https && !IsLoopback(parts.authority.host)) {
    return "not usable: what goes to another machine by http can be read and changed on the way";
  }
  return fault;
}

// What is behind it is appended, so it ends before a query.
std::string ExternalUrlFault(std::string_view text) {
  UrlParts parts;
  std::string fault = CommonUrlFault(text, &parts);
  if (fault.empty() && text.find('?') != std::string_view::npos) {
    return "not usable: it has a query";
  }
  return fault;
}

// What libpq makes of the rest is known when it connects.
std::string PostgresUrlFault(std::string_view text) {
  if (text.size() > kUrlBytesMax) return "too long";
  std::string_view rest;
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (text.starts_with(scheme)) rest = text.substr(scheme.size());
  }
  if (rest.empty()) return "not usable: it does not start with postgresql://";
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return "not usable: it has characters that a URL writes as %XX";
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const size_t at = authority.rfind('@');
  const bool in_user =
      at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
  const std::string_view query = rest.substr(std::min(rest.find('?'), rest.size()));
  if (in_user || query.find("password=") != std::string_view::npos) {
    return "not usable: it has a password in it, which belongs to store.password";
  }
  return {};
}

std::string_view WithoutSlashes(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// nullopt: *fault has been set by then.
std::optional<std::string> IfGood(std::string_view text, std::string text_fault,
                                  std::string* fault) {
  if (text_fault.empty()) return std::string(text);
  *fault = std::move(text_fault);
  return std::nullopt;
}

}  // namespace

std::string_view AllowedForm(TextForm form) {
  switch (form) {
    case TextForm::kPlain:
      return "a text of 1 to 1000 bytes without control characters";
    case TextForm::kName:
      return "a name of 1 to 63 of the characters a-z, 0-9, _ and -";
    case TextForm::kPath:
      return "the path of a file, up to 4096 bytes";
    case TextForm::kTopic:
      return "the name of a topic, 1 to 249 of the characters A-Z, a-z, 0-9, '.', _ and -";
    case TextForm::kBrokers:
      return "host:port, or several with commas between them";
    case TextForm::kListen:
      return "host:port, such as 127.0.0.1:9532 or 0.0.0.0:9532; port 0 is any free one";
    case TextForm::kServer:
      return "host:port, such as siem.contoso.example:6514";
    case TextForm::kUrl:
      return "an https:// URL without user name, password and fragment; http:// to this machine "
             "only (localhost, 127.x.x.x, [::1])";
    case TextForm::kPostgresUrl:
      return "a postgresql:// URL without a password, such as "
             "postgresql://signinwatch@db.contoso.example/signinwatch";
    case TextForm::kExternalUrl:
      return "an https:// or http:// URL without user name, password, query and fragment, such as "
             "https://signinwatch.contoso.com";
    case TextForm::kTemplate:
      return "a text with {{name}} where a field of the ticket is to stand: one that is a text or "
             "a "
             "number";
    case TextForm::kTime:
      return "a day, which begins at midnight UTC, or a moment, such as 2027-03-01 or "
             "2027-03-01T08:00:00Z";
  }
  return {};
}

std::optional<std::string> ReadForm(TextForm form, std::string_view text, std::string* fault) {
  const auto shown = [text](bool good) { return good ? std::string() : Quoted(text); };
  switch (form) {
    case TextForm::kPlain:
      if (IsShownText(text, kPlainBytesMax)) return std::string(text);
      *fault = text.empty() ? "empty" : "too long, or has control characters";
      return std::nullopt;
    case TextForm::kName:
      return IfGood(text, shown(IsName(text)), fault);
    case TextForm::kPath:
      return IfGood(text, shown(IsPath(text)), fault);
    case TextForm::kTopic:
      return IfGood(text, shown(IsTopic(text)), fault);
    case TextForm::kBrokers:
      return ReadBrokers(text, fault);
    case TextForm::kListen:
      return IfGood(text, shown(HostPortFault(text, 0).empty()), fault);
    case TextForm::kServer:
      return IfGood(text, shown(HostPortFault(text, 1).empty()), fault);
    case TextForm::kUrl:
      return IfGood(text, UrlFault(text), fault);
    case TextForm::kPostgresUrl:
      return IfGood(text, PostgresUrlFault(text), fault);
    case TextForm::kExternalUrl:
      return IfGood(WithoutSlashes(text), ExternalUrlFault(text), fault);
    case TextForm::kTemplate: {
      const std::string text_fault = words::TemplateFault(text);
      return IfGood(text, text_fault.empty() ? "" : "not usable: " + text_fault, fault);
    }
    case TextForm::kTime: {
      const std::optional<EventTime> time = ReadTime(text);
      return IfGood(time ? FormatEventTime(*time) : "", shown(time.has_value()), fault);
    }
  }
  return std::nullopt;
}

std::optional<SecretRef> ParseSecretRef(std::string_view text) {
  constexpr std::string_view kEnvironment = "env:";
  constexpr std::string_view kFile = "file:";
  if (text.starts_with(kEnvironment)) {
    const std::string_view name = text.substr(kEnvironment.size());
    if (name.empty() || name.size() > kTopicBytesMax || !IsMadeOf(name, "_") ||
        kDigits.find(name.front()) != std::string_view::npos) {
      return std::nullopt;
    }
    return SecretRef{.from = SecretRef::From::kEnvironment, .name = std::string(name)};
  }
  if (text.starts_with(kFile) && IsPath(text.substr(kFile.size()))) {
    return SecretRef{.from = SecretRef::From::kFile,
                     .name = std::string(text.substr(kFile.size()))};
  }
  return std::nullopt;
}

bool IsHostName(std::string_view text) { return IsHost(text) && text.front() != '['; }

std::string FirstBrokerHost(std::string_view brokers) {
  std::string host(SplitHostPort(brokers.substr(0, brokers.find(','))).host);
  LowerAscii(host);
  return host;
}

bool IsEventHubs(std::string_view host) {
  constexpr std::array<std::string_view, 3> kDomains{
      ".servicebus.windows.net", ".servicebus.usgovcloudapi.net", ".servicebus.chinacloudapi.cn"};
  return std::any_of(kDomains.begin(), kDomains.end(),
                     [host](std::string_view domain) { return host.ends_with(domain); });
}

std::string EntraAuthority(std::string_view broker_host) {
  if (broker_host.ends_with(".usgovcloudapi.net")) return "https://login.microsoftonline.us";
  if (broker_host.ends_with(".chinacloudapi.cn")) return "https://login.partner.microsoftonline.cn";
  return "https://login.microsoftonline.com";
}

std::string EntraTokenEndpoint(std::string_view authority, std::string_view tenant) {
  std::string url(authority);
  if (!url.ends_with('/')) url += '/';
  return url.append(tenant).append("/oauth2/v2.0/token");
}

bool IsTenantName(std::string_view text) {
  constexpr size_t kDomainBytesMax = 253;
  return !text.empty() && text.size() <= kDomainBytesMax && IsMadeOf(text, ".-") &&
         text.front() != '.';
}

}  // namespace signinwatch::config
