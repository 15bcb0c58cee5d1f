// What a check found: one line, for people or as JSON.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_FINDING_H_
#define SIGNINWATCH_DAEMON_DOCTOR_FINDING_H_

#include <cstdint>
#include <string>

namespace signinwatch::doctor {

enum class Verdict : uint8_t {
  kOk,
  kWarn,  // it works, and something will hurt
  kFail,  // it does not work
  kSkip,  // could not be looked at
};
[[nodiscard]] const char* VerdictName(Verdict verdict);  // "ok", "warn", "fail", "skip"

struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string check;  // "records"
  std::string text;   // what is, and what to do about it; never a secret
};

// "warn  records         no AuditLogs ...", with the newline.
[[nodiscard]] std::string FindingText(const Finding& finding);
// {"verdict":"warn","check":"records","text":"..."}, with the newline.
[[nodiscard]] std::string FindingJson(const Finding& finding);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_FINDING_H_
