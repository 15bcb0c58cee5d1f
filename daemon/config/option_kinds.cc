#include "daemon/config/option_kinds.h"

#include <array>
#include <charconv>

#include "daemon/config/quantities.h"

namespace signinwatch::config {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// The shortest text that is read as the same number.
std::string FormatReal(double number) {
  std::array<char, 400> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : std::string();
}

std::string SecretText(const SecretRef& secret) {
  if (secret.empty()) return "null";
  return (secret.from == SecretRef::From::kFile ? "file:" : "env:") + secret.name;
}

}  // namespace

std::string JoinTexts(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) joined += ", ";
    joined += text;
  }
  return joined;
}

std::vector<std::string> ChangeKindNames() {
  std::vector<std::string> names;
  for (int kind = 0; kind <= kChangeKindCount; ++kind) {
    names.emplace_back(ChangeKindName(static_cast<ChangeKind>(kind)));
  }
  return names;
}

std::string AllowedText(const OptionKind& kind) {
  return std::visit(
      Overloaded{
          [](const DurationKind& k) {
            return "a duration from " + FormatDuration(k.least) + " to " + FormatDuration(k.most) +
                   ", such as 30m, 24h, 30d, 1h30m or 500ms";
          },
          [](const IntegerKind& k) {
            return "a whole number from " + std::to_string(k.least) + " to " +
                   std::to_string(k.most);
          },
          [](const SizeKind& k) {
            return "a size from " + FormatSize(k.least) + " to " + FormatSize(k.most) +
                   ", such as 16MiB, 64KiB, 1GB or a number of bytes";
          },
          [](const RealKind& k) {
            return "a number from " + FormatReal(k.least) + " to " + FormatReal(k.most);
          },
          [](const YesNoKind&) { return std::string("true or false"); },
          [](const TextKind&) {
            return "a text of 1 to " + std::to_string(kTextBytesMax) +
                   " bytes without control characters";
          },
          [](const TenantKind&) {
            return std::string("the id of a tenant other than the zero GUID, or null");
          },
          [](const FormKind& k) { return std::string(AllowedForm(k.form)); },
          [](const SecretKind&) {
            return std::string(
                "env:NAME or file:PATH, the environment variable or the file that holds it");
          },
          [](const ChoiceKind& k) { return "one of " + JoinTexts(k.choices); },
          [](const ChoicesKind& k) { return "a list of one or more of " + JoinTexts(k.choices); },
          [](const CodesKind&) {
            return std::string(
                "a list of one or more AADSTS codes, whole numbers other than 0 (success)");
          },
          [](const PrefixesKind&) { return std::string("a list of texts, none of them empty"); },
          [](const HostsKind&) {
            return std::string(
                "a list of names of hosts, such as signinwatch.contoso.com, without port and "
                "without *");
          },
          [](const TopicsKind&) {
            return std::string("a list of one or more names of topics, each once; ") +
                   "a name is 1 to 249 of the characters A-Z, a-z, 0-9, '.', _ and -";
          },
          [](const UrlsKind&) {
            return "a list of one or more URLs, each once; each is " +
                   std::string(AllowedForm(TextForm::kUrl));
          },
          [](const OperationsKind&) {
            return "a mapping of operation names to one of " + JoinTexts(ChangeKindNames());
          },
          [](const KafkaOptionsKind&) {
            return std::string(
                "a mapping of librdkafka's names to values, but for those that signinwatch sets");
          },
          [](const FieldsKind& k) {
            return std::string("a mapping of names of fields to ") + (k.texts ? "texts" : "values");
          }},
      kind);
}

std::string ValueText(const OptionKind& kind, const OptionValue& value) {
  return std::visit(
      Overloaded{[](const Duration& v) { return FormatDuration(v); },
                 [&kind](const int64_t& v) {
                   return std::holds_alternative<SizeKind>(kind) ? FormatSize(v)
                                                                 : std::to_string(v);
                 },
                 [](const double& v) { return FormatReal(v); },
                 [](const bool& v) { return std::string(v ? "true" : "false"); },
                 [](const std::string& v) { return v.empty() ? "null" : v; },
                 [](const SecretRef& v) { return SecretText(v); },
                 [](const std::vector<int64_t>& v) {
                   std::vector<std::string> texts;
                   for (const int64_t code : v) texts.push_back(std::to_string(code));
                   return "[" + JoinTexts(texts) + "]";
                 },
                 [&kind](const std::vector<std::string>& v) {
                   if (v.empty() && (std::holds_alternative<TopicsKind>(kind) ||
                                     std::holds_alternative<UrlsKind>(kind))) {
                     return std::string("null");
                   }
                   return "[" + JoinTexts(v) + "]";
                 },
                 [](const std::map<std::string, ChangeKind>&) { return std::string("{}"); },
                 [](const std::map<std::string, std::string>&) { return std::string("{}"); }},
      value);
}

}  // namespace signinwatch::config
