// deploy/prometheus/signinwatch.rules.yaml, put into the binary by the build.
#ifndef SIGNINWATCH_DAEMON_RULES_RULES_FILE_H_
#define SIGNINWATCH_DAEMON_RULES_RULES_FILE_H_

namespace signinwatch::rules {

extern const char* const kRulesFile;

}  // namespace signinwatch::rules

#endif  // SIGNINWATCH_DAEMON_RULES_RULES_FILE_H_
