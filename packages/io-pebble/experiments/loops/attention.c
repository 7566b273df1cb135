/*
 * Attention of n queries and keys of size d in single precision, by the loops whose traffic the package counts.
 *
 *   attention nothing|flash2|small|naive n d a b
 *
 * flash2: blocks of a queries stay while blocks of b keys pass by. small: scores in memory, every product in square tiles of a. naive: row
 * by row. nothing: data is made and no more, for what the rest of the program misses.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int n, d;
static float *Q, *K, *V, *O, *S, *largest, *sum, *block;

/* Every matrix begins on a page, so that rows of whole lines are whole lines. */
static float *matrix(size_t entries) {
  void *p = 0;
  if (posix_memalign(&p, 4096, entries * sizeof(float)) != 0) exit(1);
  memset(p, 0, entries * sizeof(float));
  return p;
}

static int least(int x, int y) { return x < y ? x : y; }

static void flash2(int a, int b) {
  for (int i0 = 0; i0 < n; i0 += a) {
    int rows = least(a, n - i0);
    for (int i = 0; i < rows; i++) largest[i] = -INFINITY, sum[i] = 0;
    for (int j0 = 0; j0 < n; j0 += b) {
      int keys = least(b, n - j0);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < keys; j++) {
          float s = 0;
          for (int t = 0; t < d; t++) s += Q[(i0 + i) * d + t] * K[(j0 + j) * d + t];
          block[i * b + j] = s;
        }
      }
      for (int i = 0; i < rows; i++) {
        float most = largest[i];
        for (int j = 0; j < keys; j++) most = fmaxf(most, block[i * b + j]);
        float factor = expf(largest[i] - most);
        largest[i] = most;
        sum[i] *= factor;
        for (int k = 0; k < d; k++) O[(i0 + i) * d + k] *= factor;
        for (int j = 0; j < keys; j++) {
          float p = expf(block[i * b + j] - most);
          sum[i] += p;
          for (int k = 0; k < d; k++) O[(i0 + i) * d + k] += p * V[(j0 + j) * d + k];
        }
      }
    }
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < d; k++) O[(i0 + i) * d + k] /= sum[i];
    }
  }
}

/* The largest score of a row and the sum of exponentials; the row stays between the two looks at it. */
static void statistics(int i, float *most, float *total) {
  *most = -INFINITY;
  *total = 0;
  for (int j = 0; j < n; j++) *most = fmaxf(*most, S[i * n + j]);
  for (int j = 0; j < n; j++) *total += expf(S[i * n + j] - *most);
}

static void small(int a) {
  for (int i0 = 0; i0 < n; i0 += a) {
    for (int j0 = 0; j0 < n; j0 += a) {
      for (int t0 = 0; t0 < d; t0 += a) {
        for (int i = i0; i < least(n, i0 + a); i++) {
          for (int j = j0; j < least(n, j0 + a); j++) {
            float s = S[i * n + j];
            for (int t = t0; t < least(d, t0 + a); t++) s += Q[i * d + t] * K[j * d + t];
            S[i * n + j] = s;
          }
        }
      }
    }
  }
  for (int i = 0; i < n; i++) statistics(i, &largest[i], &sum[i]);
  for (int i0 = 0; i0 < n; i0 += a) {
    for (int k0 = 0; k0 < d; k0 += a) {
      for (int j0 = 0; j0 < n; j0 += a) {
        for (int i = i0; i < least(n, i0 + a); i++) {
          for (int j = j0; j < least(n, j0 + a); j++) {
            float p = expf(S[i * n + j] - largest[i]) / sum[i];
            for (int k = k0; k < least(d, k0 + a); k++) O[i * d + k] += p * V[j * d + k];
          }
        }
      }
    }
  }
}

static void naive(void) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      float s = 0;
      for (int t = 0; t < d; t++) s += Q[i * d + t] * K[j * d + t];
      S[i * n + j] = s;
    }
  }
  for (int i = 0; i < n; i++) {
    float most, total;
    statistics(i, &most, &total);
    for (int j = 0; j < n; j++) S[i * n + j] = expf(S[i * n + j] - most) / total;
  }
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < d; k++) O[i * d + k] += S[i * n + j] * V[j * d + k];
    }
  }
}

int main(int count, char **given) {
  if (count != 6) return 2;
  const char *loop = given[1];
  n = atoi(given[2]), d = atoi(given[3]);
  int a = atoi(given[4]), b = atoi(given[5]);
  Q = matrix((size_t)n * d), K = matrix((size_t)n * d), V = matrix((size_t)n * d), O = matrix((size_t)n * d);
  S = matrix((size_t)n * n), largest = matrix(n), sum = matrix(n), block = matrix((size_t)a * b);
  for (int i = 0; i < n * d; i++) Q[i] = (i * 37 % 101) / 101.f - .5f, K[i] = (i * 53 % 97) / 97.f - .5f, V[i] = (i * 29 % 89) / 89.f;
  /* Other data comes last, so that none of the matrices is in the cache. */
  float *other = matrix(1 << 18);
  for (int i = 0; i < 1 << 18; i += 16) other[i] = 1;
  if (strcmp(loop, "flash2") == 0) flash2(a, b);
  else if (strcmp(loop, "small") == 0) small(a);
  else if (strcmp(loop, "naive") == 0) naive();
  else if (strcmp(loop, "nothing") != 0) return 2;
  double check = 0;
  int row = n - 1;
  for (int k = 0; k < d; k++) check += O[row * d + k];
  printf("%.6g\n", check);
  return 0;
}
