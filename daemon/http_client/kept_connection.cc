#include "daemon/http_client/kept_connection.h"

#include <curl/curl.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/http_client/curl_transfer.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::http_client {
namespace {

using std::chrono::milliseconds;

class StreamConnection : public KeptConnection {
 public:
  StreamConnection(StreamTarget target, const clock::Clock& clock)
      : target_(std::move(target)),
        url_((target_.tls ? "https://" : "http://") + target_.address + "/"),
        clock_(clock) {
    usable_ = CheckHttpUrl(url_);  // which initialises libcurl too
    multi_ = curl_multi_init();
    easy_ = curl_easy_init();
  }
  ~StreamConnection() override {
    Close();
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  StreamConnection(const StreamConnection&) = delete;
  StreamConnection& operator=(const StreamConnection&) = delete;

  absl::Status Open(milliseconds timeout) override {
    if (!usable_.ok()) return usable_;
    Close();
    SetUp(timeout);
    if (cancelled_) return Cancelled();
    if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return absl::UnavailableError("libcurl");
    added_ = true;
    const CURLcode result = FinishTransfer(multi_, cancelled_);
    open_ = result == CURLE_OK && !cancelled_;
    if (open_) return absl::OkStatus();
    const std::string text = error_[0] != '\0' ? error_ : curl_easy_strerror(result);
    Close();
    if (cancelled_) return Cancelled();
    const bool distrusted = result == CURLE_PEER_FAILED_VERIFICATION ||
                            result == CURLE_SSL_CACERT_BADFILE || result == CURLE_SSL_ISSUER_ERROR;
    return absl::Status(
        distrusted ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kUnavailable,
        absl::StrCat(target_.address, ": ", text));
  }

  absl::Status Send(std::string_view bytes, milliseconds timeout) override {
    if (!open_) return absl::AbortedError("the connection is closed");
    const clock::SteadyTime until = clock_.Steady() + timeout;
    while (!bytes.empty()) {
      size_t sent = 0;
      const CURLcode result = curl_easy_send(easy_, bytes.data(), bytes.size(), &sent);
      if (result == CURLE_OK) {
        bytes.remove_prefix(sent);
        continue;
      }
      absl::Status status;
      if (result != CURLE_AGAIN) {
        status =
            absl::AbortedError(absl::StrCat(target_.address, ": ", curl_easy_strerror(result)));
      } else {
        status = WaitForRoom(until);
      }
      if (status.ok()) continue;
      Close();
      return status;
    }
    return absl::OkStatus();
  }

  bool IsOpen() override {
    if (!Listen()) Close();
    return open_;
  }

  void Cancel() override {
    cancelled_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  static absl::Status Cancelled() { return absl::CancelledError("it was cancelled"); }

  void SetUp(milliseconds timeout) {
    curl_easy_reset(easy_);
    error_[0] = '\0';
    Set(CURLOPT_URL, url_.c_str());
    Set(CURLOPT_CONNECT_ONLY, 1L);
    Set(CURLOPT_NOPROXY, "*");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_QUICK_EXIT, 1L);
    Set(CURLOPT_FRESH_CONNECT, 1L);
    Set(CURLOPT_TCP_KEEPALIVE, 1L);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count()));
    SetTrust(easy_, target_.ca_file);
    Set(CURLOPT_SSL_ENABLE_ALPN, 0L);  // it is no HTTP
    Set(CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    SetOption(easy_, option, value);
  }

  absl::Status WaitForRoom(clock::SteadyTime until) {
    if (cancelled_) return Cancelled();
    const auto left = std::chrono::ceil<milliseconds>(until - clock_.Steady());
    if (left <= milliseconds(0)) {
      return absl::DeadlineExceededError(absl::StrCat(target_.address, ": takes nothing"));
    }
    curl_waitfd socket{CURL_SOCKET_BAD, CURL_WAIT_POLLOUT, 0};
    if (curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket.fd) != CURLE_OK ||
        curl_multi_poll(multi_, &socket, 1, static_cast<int>(left.count()), nullptr) != CURLM_OK) {
      return absl::AbortedError("the connection is lost");
    }
    return absl::OkStatus();
  }

  // false: the peer has closed it. What it says is thrown away.
  bool Listen() {
    constexpr int kBlocks = 16;  // a peer that talks for ever is not listened to for ever
    for (int i = 0; open_ && i < kBlocks; ++i) {
      char block[4'096];
      size_t size = 0;
      const CURLcode result = curl_easy_recv(easy_, block, sizeof(block), &size);
      if (result == CURLE_AGAIN) break;
      if (result != CURLE_OK || size == 0) return false;
    }
    return open_;
  }

  // libcurl closes a connection that was only made with the end of its transfer. What has not been
  // read then (a session ticket of TLS) would make it a reset, by which the peer loses what it has
  // not read.
  void Close() {
    (void)Listen();
    if (std::exchange(added_, false)) curl_multi_remove_handle(multi_, easy_);
    open_ = false;
  }

  const StreamTarget target_;
  const std::string url_;
  const clock::Clock& clock_;
  absl::Status usable_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  bool added_ = false;
  bool open_ = false;
  std::atomic<bool> cancelled_{false};
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace

std::unique_ptr<KeptConnection> ConnectByTcp(StreamTarget target, const clock::Clock& clock) {
  return std::make_unique<StreamConnection>(std::move(target), clock);
}

}  // namespace signinwatch::http_client
