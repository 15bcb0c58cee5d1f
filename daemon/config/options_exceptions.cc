#include "daemon/config/options_exceptions.h"

#include <map>

#include "daemon/config/network.h"
#include "daemon/config/quoted.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {
namespace {

std::vector<std::string> CauseNames() {
  std::vector<std::string> names;
  for (int cause = 0; cause < kCauseCount; ++cause) {
    names.emplace_back(CauseName(static_cast<Cause>(cause)));
  }
  return names;
}

using Exceptions = std::vector<Option<ExceptionConfig>>;

Option<ExceptionConfig> Until() {
  return {
      .key = "until",
      .kind = FormKind{TextForm::kTime},
      .get = [](const ExceptionConfig& from) { return OptionValue(FormatEventTime(from.until)); },
      .set =
          [](ExceptionConfig& to, const OptionValue& value) {
            to.until = ParseEventTime(std::get<std::string>(value)).value_or(kBeginningOfTime);
          },
      .help = "When the exception ends, so that it is not forgotten.",
      .default_text = "none: must be given",
      .example = "2027-03-01"};
}

Option<ExceptionConfig> Criterion(std::string key,
                                  std::vector<std::string> ExceptionConfig::*member,
                                  std::string help, std::string example) {
  Option<ExceptionConfig> option =
      StoredIn(std::move(key), PrefixesKind{}, member, std::move(help));
  option.example = std::move(example);
  return option;
}

Option<ExceptionConfig> Words(std::string key, TextForm form, std::string ExceptionConfig::*member,
                              std::string help, std::string example) {
  Option<ExceptionConfig> option =
      StoredIn(std::move(key), FormKind{form}, member, std::move(help));
  option.default_text = "none: must be given";
  option.example = std::move(example);
  return option;
}

Exceptions MakeOptions() {
  Option<ExceptionConfig> causes = StoredIn("causes", ChoicesKind{CauseNames()},
                                            &ExceptionConfig::causes, "Causes of a ticket.");
  causes.example = "[password_reset_by_admin]";
  return {
      Words("name", TextForm::kName, &ExceptionConfig::name,
            "Names the exception in tickets and metrics; each name once.", "backup-accounts"),
      Criterion(
          "users", &ExceptionConfig::users,
          "Object ids or user principal names; `*` stands for any text. Only tickets of users.",
          "[\"svc-backup-*@contoso.com\"]"),
      Criterion("apps", &ExceptionConfig::apps,
                "Ids or names of applications. All failures of the burst must come from these.",
                "[Veeam Backup]"),
      Criterion("addresses", &ExceptionConfig::addresses,
                "Addresses or ranges. All failures of the burst must come from these.",
                "[203.0.113.0/24]"),
      Criterion("devices", &ExceptionConfig::devices,
                "Ids of devices. All failures of the burst must come from these.",
                "[44444444-5555-4666-8777-888888888888]"),
      Criterion("tenants", &ExceptionConfig::tenants, "Ids of tenants.",
                "[aaaaaaaa-1111-4222-8333-cccccccccccc]"),
      std::move(causes),
      Until(),
      Words("why", TextForm::kPlain, &ExceptionConfig::why, "The reason, for whoever asks later.",
            "The backup resets its passwords each night"),
      Words("who", TextForm::kPlain, &ExceptionConfig::who, "Who decided it.", "ana@contoso.com"),
  };
}

class Rules {
 public:
  explicit Rules(const GivenValues& given) : given_(given) {}

  void Check(const ExceptionConfig& exception, const std::string& path) {
    if (!given_.IsKnown(path)) return;  // no mapping
    CheckNeeded(path);
    CheckName(exception, path);
    CheckAddresses(exception, path);
  }
  std::vector<std::pair<Place, std::string>> TakeBroken() { return std::move(broken_); }

 private:
  void CheckNeeded(const std::string& path) {
    bool has_criterion = false;
    for (const auto& option : ExceptionOptions()) {
      const bool is_given = given_.Find(path + "." + option.key) != nullptr;
      if (option.default_text.empty()) {
        has_criterion = has_criterion || is_given;
      } else if (!is_given) {
        Report(path, path + " has no " + option.key + ", allowed: " + AllowedText(option.kind));
      }
    }
    if (!has_criterion) {
      Report(path, path +
                       " says nothing of its tickets and would silence all, allowed: one or more "
                       "of users, apps, addresses, devices, tenants, causes");
    }
  }

  void CheckName(const ExceptionConfig& exception, const std::string& path) {
    if (exception.name.empty()) return;
    const auto [first, is_new] = names_.emplace(exception.name, path);
    if (is_new) return;
    Report(path + ".name", path + ".name is " + Quoted(exception.name) + ", the name of " +
                               first->second + " too, allowed: a name of its own");
  }

  // A list that is empty would restrict nothing, although it is there.
  void CheckAddresses(const ExceptionConfig& exception, const std::string& path) {
    for (size_t i = 0; i < exception.addresses.size(); ++i) {
      if (ParseNetwork(exception.addresses[i])) continue;
      Report(path + ".addresses",
             path + ".addresses[" + std::to_string(i) + "] is " + Quoted(exception.addresses[i]) +
                 ", allowed: an IP address or a range, such as 203.0.113.7, 203.0.113.0/24 or "
                 "2001:db8::/48");
    }
    for (const auto& option : ExceptionOptions()) {
      const std::string key = path + "." + option.key;
      if (!std::holds_alternative<PrefixesKind>(option.kind) || given_.Find(key) == nullptr ||
          !given_.IsKnown(key)) {
        continue;
      }
      if (std::get<std::vector<std::string>>(option.get(exception)).empty()) {
        Report(key, key + " is an empty list, allowed: one or more entries, or no such key");
      }
    }
  }

  void Report(const std::string& path, std::string text) {
    broken_.emplace_back(*given_.Find(path), std::move(text));
  }

  const GivenValues& given_;
  std::map<std::string, std::string> names_;  // -> path
  std::vector<std::pair<Place, std::string>> broken_;
};

}  // namespace

const std::vector<Option<ExceptionConfig>>& ExceptionOptions() {
  static const Exceptions options = MakeOptions();
  return options;
}

Section ExceptionsSection() {
  return {
      .name = "exceptions",
      .help =
          "A list of expected bursts. Their tickets are made and counted and name the exception, "
          "but no sink is told and no alert fires, unless a ticket becomes critical. A sink that "
          "was already told of a ticket is told of it to its end. An exception applies to tickets "
          "that match all its keys; of a list, one entry is enough.",
      .options = {}};
}

std::vector<std::pair<Place, std::string>> BrokenExceptions(
    const std::vector<ExceptionConfig>& exceptions, const GivenValues& given) {
  Rules rules(given);
  for (size_t i = 0; i < exceptions.size(); ++i) {
    rules.Check(exceptions[i], "exceptions[" + std::to_string(i) + "]");
  }
  return rules.TakeBroken();
}

}  // namespace signinwatch::config
