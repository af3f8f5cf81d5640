CC := cc
FLAGS := -O1 -g
SOURCES := boards/host/host.c
LIBRARY ?= $(COFFRE)/build/libcoffre.a
LINK :=
RUN := env
