// A store in a folder of its own, and what tests do with it.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/open_store.h"
#include "gtest/gtest.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {

class StoreTest : public WithStore<Store, testing::Test> {
 protected:
  StoreTest() { Reopen(); }
  ~StoreTest() override { store_.reset(); }

  void Reopen() {
    store_.reset();
    store_ = MustOpen(options_);
    if (store_ != nullptr) ClaimOf(*store_);
  }

  TemporaryFolder folder_;
  StoreOptions options_{.path = folder_.Path("store.db"), .limits = {.sinks = {"soc", "mail"}}};
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_STORE_FIXTURE_H_
