// Generated messages without the risk events in them. One that comes hours later revises a ticket,
// no sooner than a minute of wall time after its resolution: longer than these tests wait.
// tests/e2e has them.
#ifndef SIGNINWATCH_TESTS_DAEMON_GENERATOR_WITHOUT_RISK_EVENTS_H_
#define SIGNINWATCH_TESTS_DAEMON_GENERATOR_WITHOUT_RISK_EVENTS_H_

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace signinwatch::generator {

// `messages`: one batch a line.
inline std::string WithoutRiskEvents(const std::string& messages) {
  std::istringstream lines(messages);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    auto message = nlohmann::ordered_json::parse(line);
    auto kept = nlohmann::ordered_json::array();
    for (auto& record : message.at("records")) {
      if (record.at("category") != "UserRiskEvents") kept.push_back(std::move(record));
    }
    message["records"] = std::move(kept);
    result += message.dump() + "\n";
  }
  return result;
}

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_TESTS_DAEMON_GENERATOR_WITHOUT_RISK_EVENTS_H_
