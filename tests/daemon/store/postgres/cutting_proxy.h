// A TCP proxy between a client and a server of this machine, which can cut: what one side said is
// then passed on and the answer is not, or nothing is passed any more though connections stay.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_CUTTING_PROXY_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_CUTTING_PROXY_H_

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace signinwatch::store {

class CuttingProxy {
 public:
  explicit CuttingProxy(int server_port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  [[nodiscard]] int port() const { return port_; }

  enum class Mode : int {
    kPass,
    kLoseAnswers,  // once something was sent from now on: the server hears it, its answer is lost,
                   // and so is the connection
    kSilence,      // nothing is passed in either direction
  };
  void Set(Mode mode) { mode_ = mode; }
  // Of kLoseAnswers: so many connections were lost.
  [[nodiscard]] int lost() const { return lost_; }

 private:
  void Accept();
  void Pass(int client);

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<Mode> mode_ = Mode::kPass;
  std::atomic<int> lost_ = 0;
  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_CUTTING_PROXY_H_
