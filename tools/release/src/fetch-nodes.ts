#!/usr/bin/env node
import { fetchNodes } from './consumers/nodes.ts';
import { required } from './required.ts';

if (required()) fetchNodes();
