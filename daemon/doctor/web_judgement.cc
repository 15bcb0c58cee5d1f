#include "daemon/doctor/web_judgement.h"

#include <string>

#include "daemon/http/web_access.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::doctor {
namespace {

constexpr const char* kCheck = "http";

bool IsOpenToTheNetwork(const std::string& listen) {
  return !http_client::IsThisMachine(listen.substr(0, listen.rfind(':')));
}

}  // namespace

std::vector<Finding> JudgeWeb(const config::HttpConfig& http) {
  const std::string& path = http.web_config_file;
  std::vector<Finding> findings;
  const config::WebConfigCheck check = http::CheckWebConfig(path);
  for (const std::string& error : check.errors) findings.push_back({Verdict::kFail, kCheck, error});
  for (const std::string& warning : check.warnings) {
    findings.push_back({Verdict::kWarn, kCheck, warning});
  }
  if (!check.errors.empty()) return findings;
  if (IsOpenToTheNetwork(http.listen) && !check.authenticates) {
    findings.push_back({Verdict::kWarn, kCheck,
                        "anybody who can reach " + http.listen +
                            " can read all tickets: require passwords or client certificates "
                            "(http.web_config_file), listen on 127.0.0.1, or restrict access by a "
                            "network policy"});
  } else if (findings.empty()) {
    findings.push_back(
        {Verdict::kOk, kCheck, path.empty() ? "is for this machine alone" : path + " can be used"});
  }
  return findings;
}

}  // namespace signinwatch::doctor
