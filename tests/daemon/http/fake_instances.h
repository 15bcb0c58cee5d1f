// Instances as a store has them.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_

#include "absl/status/status.h"
#include "daemon/store/instance_store.h"

namespace signinwatch::http {

class FakeInstances : public store::InstanceStore {
 public:
  absl::Status NoteInstance(const store::InstanceFacts& /*facts*/, EventTime /*now*/) override {
    return status;
  }
  absl::Status ForgetInstance() override { return status; }
  absl::Status FindInstances(EventTime /*now*/, store::Instances* instances) override {
    *instances = known;
    return status;
  }

  store::Instances known;
  absl::Status status;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_
