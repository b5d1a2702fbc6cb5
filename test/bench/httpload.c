// httpload - small single-threaded epoll HTTP/1.1 load generator: connections that are kept, one request in flight each.
// Usage: httpload PLAN   (PLAN is written by http-load.ts; tab separated, one directive a line)
// In a request %N is a number of ten digits, another each time. Answers need a Content-Length (or to be 204); each must
// be 2xx. One JSON object goes to stdout.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "load.h"

enum { RBUF = 1 << 22 };
typedef struct { int fd, next, nreqs, dead; char **reqs; char *in; size_t len, cap; uint64_t sent; } Conn;
static Conn *C; static int nC, port, ep, n_dead; static double warmup = 1, secs = 5;
static struct { char name[32]; int pid; double t0, t1; } G[8]; static int nG;
static uint64_t answers, bad, body_bytes, hist[64 * 64], number = 1000000000; static int measuring;
static const char *die_why;

static void dead(Conn *c, const char *why) { if (!c->dead) { c->dead = 1; n_dead++; if (!die_why) die_why = why; close(c->fd); } }
// Requests are small: the socket's buffer takes them whole.
static void ask(Conn *c) {
  static char b[65536]; size_t n = 0;
  for (char *t = c->reqs[c->next]; *t && n < sizeof b - 32; t++) {
    if (t[0] == '%' && t[1] == 'N') { n += sprintf(b + n, "%010lu", number++); t++; } else b[n++] = *t;
  }
  c->next = (c->next + 1) % c->nreqs; c->sent = now();
  if (send(c->fd, b, n, MSG_NOSIGNAL) != (ssize_t)n) dead(c, "send failed");
}
// Takes one whole answer off the front; 0: there is none yet.
static int answer(Conn *c, uint64_t t) {
  char *e = memmem(c->in, c->len, "\r\n\r\n", 4); if (!e) return 0;
  size_t head = e + 4 - c->in, body = 0; int status = atoi(c->in + 9); *e = 0;
  char *l = strcasestr(c->in, "\r\ncontent-length:"); *e = '\r';
  if (l && l < e) body = strtoul(l + 17, 0, 10); else if (status != 204) { dead(c, "an answer without Content-Length"); return 0; }
  if (c->len < head + body) return 0;
  if (status < 200 || status > 299) { bad++; if (bad < 4) fprintf(stderr, "answered: %.*s\n", (int)(c->len < 500 ? c->len : 500), c->in); }
  if (measuring) { answers++; body_bytes += body; hadd(hist, t - c->sent); }
  memmove(c->in, c->in + head + body, c->len - head - body); c->len -= head + body;
  return 1;
}
static void readable(Conn *c) {
  if (c->cap - c->len < RBUF / 4) { c->cap = c->cap ? c->cap * 2 : RBUF; c->in = realloc(c->in, c->cap); if (!c->in) die("memory"); }
  ssize_t k = recv(c->fd, c->in + c->len, c->cap - c->len, 0);
  if (k == 0) { dead(c, "the server closed the connection"); return; }
  if (k < 0) { if (errno != EAGAIN) dead(c, "recv failed"); return; }
  c->len += k;
  if (answer(c, now()) && !c->dead) ask(c);
}
static void open_conn(Conn *c) {
  c->fd = socket(AF_INET, SOCK_STREAM, 0); int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)}; inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
  if (connect(c->fd, (void *)&a, sizeof a)) die("connect: %s", strerror(errno));
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c}; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}
static void plan(const char *f) {
  FILE *fp = fopen(f, "r"); if (!fp) die("plan"); char *line = 0; size_t cap = 0; ssize_t k;
  while ((k = getline(&line, &cap, fp)) > 0) {
    if (line[k - 1] == '\n') line[--k] = 0;
    char *d = strdup(line), *name = strsep(&d, "\t"), *value = d ? strsep(&d, "\t") : "";
    if (!strcmp(name, "port")) port = atoi(value); else if (!strcmp(name, "warmup")) warmup = atof(value);
    else if (!strcmp(name, "secs")) secs = atof(value);
    else if (!strcmp(name, "cpu")) { strncpy(G[nG].name, value, 31); G[nG++].pid = atoi(d); }
    else if (!strcmp(name, "conn")) { C = realloc(C, (nC + 1) * sizeof *C); memset(&C[nC++], 0, sizeof *C); }
    else if (!strcmp(name, "req")) { Conn *c = &C[nC - 1]; c->reqs = realloc(c->reqs, (c->nreqs + 1) * sizeof(char *)); c->reqs[c->nreqs++] = unesc(value); }
  }
  fclose(fp);
}
int main(int argc, char **argv) {
  if (argc < 2) die("usage: httpload PLAN");
  plan(argv[1]); ep = epoll_create1(0);
  for (int i = 0; i < nC; i++) open_conn(&C[i]);
  for (int i = 0; i < nC; i++) ask(&C[i]);
  uint64_t t0 = now(), tm = t0 + warmup * 1e9, te = tm + secs * 1e9, m0 = 0; double self0 = 0;
  for (;;) {
    uint64_t t = now();
    if (!measuring && t >= tm) { measuring = 1; m0 = t; self0 = cpu_self(); for (int g = 0; g < nG; g++) G[g].t0 = cpu_of(G[g].pid); }
    if (t >= te || n_dead) break;
    struct epoll_event ev[256]; int n = epoll_wait(ep, ev, 256, 20);
    for (int i = 0; i < n; i++) { Conn *c = ev[i].data.ptr; if (!c->dead) readable(c); }
  }
  double s = (now() - m0) / 1e9, self = cpu_self() - self0;
  printf("{\"answers\":%lu,\"answers_per_s\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"bytes_each\":%.0f", answers, answers / s, hq(hist, .5), hq(hist, .99), answers ? (double)body_bytes / answers : 0.0);
  for (int g = 0; g < nG; g++) { G[g].t1 = cpu_of(G[g].pid); printf(",\"cpu_%s_s\":%.3f", G[g].name, G[g].t1 - G[g].t0); }
  printf(",\"util_client\":%.3f,\"bad\":%lu,\"dead\":%d,\"dead_why\":\"%s\",\"ok\":%s}\n", self / s, bad, n_dead, die_why ? die_why : "", answers && !bad && !n_dead ? "true" : "false");
  return 0;
}
