#include "daemon/http_client/mail_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/http_client/curl_transfer.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::http_client {
namespace {

// How far one mail came.
struct Progress {
  std::string_view left;  // of the message
  bool mail = false;      // MAIL was sent
  bool data = false;      // the message was begun
};

size_t GiveMessage(char* to, size_t size, size_t count, void* user) {
  auto* progress = static_cast<Progress*>(user);
  progress->data = true;
  const size_t given = std::min(size * count, progress->left.size());
  std::memcpy(to, progress->left.data(), given);
  progress->left.remove_prefix(given);
  return given;
}

// libcurl's results do not tell a refused mail from a server that greets nobody.
int NoteCommand(CURL* /*easy*/, curl_infotype type, char* bytes, size_t size, void* user) {
  if (type == CURLINFO_HEADER_OUT && std::string_view(bytes, size).starts_with("MAIL ")) {
    static_cast<Progress*>(user)->mail = true;
  }
  return 0;
}

struct RecipientsDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class MailClient : public MailTransport {
 public:
  explicit MailClient(std::string ca_file) : ca_file_(std::move(ca_file)) {
    (void)CheckHttpUrl("");  // initialises libcurl
    multi_ = curl_multi_init();
    easy_ = curl_easy_init();
  }
  ~MailClient() override {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  MailClient(const MailClient&) = delete;
  MailClient& operator=(const MailClient&) = delete;

  absl::StatusOr<MailReply> Send(const MailCall& mail) override {
    Progress progress{.left = mail.message};
    curl_slist* list = nullptr;
    for (const std::string& to : mail.to) list = curl_slist_append(list, ("<" + to + ">").c_str());
    const std::unique_ptr<curl_slist, RecipientsDeleter> to(list);
    SetUp(mail, to.get(), &progress);
    const CURLcode result = Perform();
    if (cancelled_) return absl::CancelledError("the mail was cancelled");
    long code = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
    if (result == CURLE_OK) return MailReply{.code = 250, .of_message = true};
    const std::string error =
        absl::StrCat(mail.server, ": ", error_[0] != '\0' ? error_ : curl_easy_strerror(result));
    switch (result) {
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
        return absl::UnauthenticatedError(error);
      case CURLE_USE_SSL_FAILED:
        return absl::FailedPreconditionError(error);
      case CURLE_LOGIN_DENIED:
        return absl::PermissionDeniedError(error);
      default:
        break;
    }
    // It stops at the first refusal.
    if (code >= 400) return MailReply{static_cast<int>(code), progress.mail};
    if (!progress.data) return absl::UnavailableError(error);
    return result == CURLE_OPERATION_TIMEDOUT ? absl::DeadlineExceededError(error)
                                              : absl::AbortedError(error);
  }

  void Cancel() override {
    cancelled_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  void SetUp(const MailCall& mail, curl_slist* to, Progress* progress) {
    curl_easy_reset(easy_);
    error_[0] = '\0';
    const auto timeout = static_cast<long>(mail.timeout.count());
    Set(CURLOPT_URL, ((mail.implicit_tls ? "smtps://" : "smtp://") + mail.server).c_str());
    Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    SetTrust(easy_, ca_file_);
    Set(CURLOPT_NOPROXY, "*");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_QUICK_EXIT, 1L);
    Set(CURLOPT_FRESH_CONNECT, 1L);
    Set(CURLOPT_FORBID_REUSE, 1L);
    Set(CURLOPT_TIMEOUT_MS, timeout);
    Set(CURLOPT_CONNECTTIMEOUT_MS, timeout);
    // Of QUIT too, which the whole deadline is not for.
    Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max(1L, timeout / 1'000));
    if (!mail.username.empty()) {
      Set(CURLOPT_USERNAME, mail.username.c_str());
      Set(CURLOPT_PASSWORD, mail.password.c_str());
    }
    Set(CURLOPT_VERBOSE, 1L);
    Set(CURLOPT_DEBUGFUNCTION, &NoteCommand);
    Set(CURLOPT_DEBUGDATA, progress);
    Set(CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
    if (mail.log_in_only) return Set(CURLOPT_CUSTOMREQUEST, "NOOP");
    Set(CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    Set(CURLOPT_MAIL_RCPT, to);
    Set(CURLOPT_UPLOAD, 1L);
    Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.message.size()));
    Set(CURLOPT_READFUNCTION, &GiveMessage);
    Set(CURLOPT_READDATA, progress);
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    SetOption(easy_, option, value);
  }

  CURLcode Perform() { return PerformTransfer(multi_, easy_, cancelled_); }

  const std::string ca_file_;
  std::atomic<bool> cancelled_{false};
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace

MailTransportMaker NetworkMail() {
  return [](const std::string& ca_file) { return std::make_unique<MailClient>(ca_file); };
}

}  // namespace signinwatch::http_client
