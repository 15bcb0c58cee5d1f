#include "daemon/store/postgres/connection_target.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace signinwatch::store::postgres {
namespace {

constexpr char kAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

// A dead peer is seen within some 15 s, while the server's own end of it takes as long.
constexpr std::pair<const char*, const char*> kDefaults[] = {{"keepalives_idle", "5"},
                                                             {"keepalives_interval", "5"},
                                                             {"keepalives_count", "2"},
                                                             {"tcp_user_timeout", "15000"}};

bool IsHere(std::string_view host) {
  return host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" ||
         host == "::1" || host.substr(0, 4) == "127.";
}

}  // namespace

absl::StatusOr<ConnectionTarget> TargetOf(const ConnectionOptions& options) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(options.url.c_str(), nullptr), &PQconninfoFree);
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "store.url is not one: postgresql://user@host:5432/database?sslmode=verify-full");
  }
  std::map<std::string, std::string> given;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given[option->keyword] = option->val;
  }
  const std::vector<std::string> hosts = absl::StrSplit(given["host"], ',');
  ConnectionTarget target;
  target.where =
      absl::StrCat("PostgreSQL at ", given["host"].empty() ? "its socket" : given["host"],
                   given["port"].empty() ? "" : ":", given["port"], "/",
                   given["dbname"].empty() ? given["user"] : given["dbname"]);
  auto& settings = target.settings;
  for (const auto& [key, value] : kDefaults) settings.emplace_back(key, value);
  // Of several hosts the one that can be written, after a failover too.
  if (!options.read_only) settings.emplace_back("target_session_attrs", "read-write");
  settings.emplace_back("sslrootcert", kAuthorities);
  if (!std::all_of(hosts.begin(), hosts.end(), IsHere)) {
    settings.emplace_back("sslmode", "verify-full");
  }
  settings.emplace_back("dbname", options.url);
  if (options.password != nullptr) {
    absl::StatusOr<std::string> password = options.password();
    if (!password.ok()) {
      return absl::UnavailableError("store.password: " + std::string(password.status().message()));
    }
    settings.emplace_back("password", *std::move(password));
  }
  settings.emplace_back("application_name", options.name);
  settings.emplace_back("client_encoding", "UTF8");
  return target;
}

}  // namespace signinwatch::store::postgres
